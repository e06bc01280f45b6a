using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class EventReaderTests
{
    private const string Id = "019505c1-7d6a-7b5e-8f3a-2b1c0d9e8f7a";
    private const string Time = "2026-03-01T11:00:00.000001Z";
    private const string Position = "simple-time-events/3/42@1772366400123";
    private const string RecordTime = "2026-03-01T12:00:00.123000Z";
    private const string Now = "2030-01-01T00:00:00.000000Z";

    private static readonly EventReader _reader = new(new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Reads_a_request() => Assert.Equal(
        new HttpRequestRow(Id, Time, "203.0.113.9", "GET", "/", "pod-1", "Linux"),
        Read("http_request", """{"user_ip":"203.0.113.9","method":"GET","endpoint":"/","hostname":"pod-1","os":"Linux"}"""));

    [Fact]
    public void Reads_a_response() => Assert.Equal(
        new HttpResponseRow(Id, Time, "203.0.113.9", 200, 0.42, "some-request"),
        Read("http_response", """{"request_id":"some-request","user_ip":"203.0.113.9","status_code":200,"response_time_ms":0.42}"""));

    [Fact]
    public void Reads_an_error() => Assert.Equal(
        new ErrorRow(Id, Time, "It broke", "JsonException", "/kafka/publish"),
        Read("error", """{"error_message":"It broke","error_type":"JsonException","endpoint":"/kafka/publish"}"""));

    [Theory]
    [InlineData("""{"a": {"b":[1E400, "\u00e9"]}}""")]
    [InlineData("{}")]
    public void Reads_any_other_event_with_its_data_as_it_was_written(string data) =>
        Assert.Equal(new CustomEventRow(Id, Time, "HTTP_REQUEST", data), Read("HTTP_REQUEST", data));

    [Fact]
    public void Reads_the_events_that_the_service_writes()
    {
        var written = ServiceEvent.Create(
            DateTimeOffset.UnixEpoch,
            ServiceEvent.HttpRequest,
            new HttpRequestData { UserIp = null, Method = "GET", Endpoint = "/", Hostname = "pod-1", Os = "Linux" });

        Assert.Equal(
            new HttpRequestRow(written.EventId, written.Timestamp, null, "GET", "/", "pod-1", "Linux"),
            _reader.Read(Records.Of(JsonSerializer.SerializeToUtf8Bytes(written, EventJsonContext.Default.ServiceEvent))));
    }

    [Fact]
    public void A_missing_or_null_field_is_null()
    {
        Assert.Equal(new HttpRequestRow(Id, Time, null, null, null, null, null), Read("http_request", """{"user_ip":null,"other":1}"""));
        Assert.Equal(new HttpResponseRow(Id, Time, null, null, null, null), Read("http_response", "{}"));
        Assert.Equal(new ErrorRow(Id, Time, null, null, null), Read("error", "{}"));
        Assert.Equal(
            new HttpRequestRow(Position, RecordTime, null, null, null, null, null), Read("""{"event_type":"http_request"}"""));
        Assert.Equal(new CustomEventRow(Position, RecordTime, "x", "{}"), Read("""{"event_type":"x"}"""));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.Equal(new CustomEventRow(Position, RecordTime, "x", "{}"), Read("\uFEFF{\"event_type\":\"x\"}"));

    [Fact]
    public void An_id_is_written_in_lower_case() => Assert.Equal(
        Id, Read($$"""{"event_type":"x","event_id":"{{Id.ToUpperInvariant()}}"}""").EventId);

    [Theory]
    [InlineData("2026-03-01T11:00:00Z", "2026-03-01T11:00:00.000000Z")]
    [InlineData("2026-03-01T11:00:00.1234567Z", "2026-03-01T11:00:00.123456Z")]
    [InlineData("2026-03-01T00:30:00.5+02:00", "2026-02-28T22:30:00.500000Z")]
    [InlineData("2026-02-28T23:30:00-01:00", "2026-03-01T00:30:00.000000Z")]
    [InlineData("20260301T110000,25\\u002b0100", "2026-03-01T10:00:00.250000Z")]
    public void A_timestamp_is_written_in_UTC(string timestamp, string written) =>
        Assert.Equal(written, Read($$"""{"event_type":"x","timestamp":"{{timestamp}}"}""").Timestamp);

    /// <summary>The official host's records have a time whose type is NotAvailable; this repository's worker has both.</summary>
    [Theory]
    [InlineData(KafkaTimestampType.NotAvailable, 1, "1970-01-01T00:00:00.001000Z")]
    [InlineData(KafkaTimestampType.NotAvailable, Records.TimestampMs, "2026-03-01T12:00:00.123000Z")]
    [InlineData(KafkaTimestampType.CreateTime, Records.TimestampMs, "2026-03-01T12:00:00.123000Z")]
    [InlineData(KafkaTimestampType.LogAppendTime, Records.TimestampMs, "2026-03-01T12:00:00.123000Z")]
    [InlineData(KafkaTimestampType.NotAvailable, long.MaxValue, Now)]
    [InlineData(KafkaTimestampType.CreateTime, long.MaxValue, Now)]
    public void The_time_of_a_record_is_in_its_id_whatever_the_type_of_the_time(KafkaTimestampType type, long timestampMs, string time)
    {
        var record = Records.Of("""{"event_type":"x"}""");
        record.Timestamp = new KafkaTimestamp { Type = type, UnixTimestampMs = timestampMs };

        var row = _reader.Read(record);

        Assert.Equal(($"simple-time-events/3/42@{timestampMs}", time), (row.EventId, row.Timestamp));
    }

    [Theory]
    [InlineData(KafkaTimestampType.NotAvailable, 0)]
    [InlineData(KafkaTimestampType.NotAvailable, -1)]
    [InlineData(KafkaTimestampType.CreateTime, 0)]
    [InlineData(KafkaTimestampType.CreateTime, -1)]
    [InlineData(KafkaTimestampType.LogAppendTime, long.MinValue)]
    [InlineData(null, 0)]
    public void A_record_without_a_time_has_a_steady_id_and_the_time_of_now(KafkaTimestampType? type, long timestampMs)
    {
        var record = Records.Of("""{"event_type":"x"}""");
        record.Timestamp = type is { } known ? new KafkaTimestamp { Type = known, UnixTimestampMs = timestampMs } : null;

        var row = _reader.Read(record);

        Assert.Equal(("simple-time-events/3/42@-1", Now), (row.EventId, row.Timestamp));
    }

    [Fact]
    public void Dead_letters_of_a_topic_that_was_made_anew_are_others()
    {
        var before = Records.Of("nonsense");
        var after = Records.Of("other nonsense");
        before.Timestamp = new KafkaTimestamp { Type = KafkaTimestampType.NotAvailable, UnixTimestampMs = Records.TimestampMs };
        after.Timestamp = new KafkaTimestamp { Type = KafkaTimestampType.NotAvailable, UnixTimestampMs = Records.TimestampMs + 1 };

        Assert.NotEqual(Assert.IsType<DeadLetter>(_reader.Read(before)).EventId, Assert.IsType<DeadLetter>(_reader.Read(after)).EventId);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("nonsense", "JSON")]
    [InlineData("{\"event_type\":\"x\"", "JSON")]
    [InlineData("{\"event_type\":\"x\"} {}", "JSON")]
    [InlineData("{\"event_type\":\"x\"}//", "JSON")]
    [InlineData("{\"event_type\":\"x\",\"event_type\":\"y\"}", "JSON")]
    [InlineData("{\"event_type\":\"x\",\"data\":{\"a\":1,\"a\":1}}", "JSON")]
    [InlineData("{\"event_type\":\"x\",\"data\":{\"a\":\"\\udfff\"}}", "surrogate")]
    [InlineData("{\"event_type\":\"\\ud800\"}", "surrogate")]
    [InlineData("null", "object")]
    [InlineData("[]", "object")]
    [InlineData("\"text\"", "object")]
    [InlineData("{}", "event_type")]
    [InlineData("{\"event_type\":null}", "event_type")]
    [InlineData("{\"event_type\":1}", "event_type")]
    [InlineData("{\"event_type\":\"\"}", "event_type")]
    [InlineData("{\"event_type\":\"a b\"}", "event_type")]
    [InlineData("{\"Event_Type\":\"x\"}", "event_type")]
    [InlineData("{\"event_type\":\"x\",\"data\":null}", "data")]
    [InlineData("{\"event_type\":\"x\",\"data\":[]}", "data")]
    [InlineData("{\"event_type\":\"x\",\"data\":\"{}\"}", "data")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":null}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":7}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":\"7\"}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":\"019505c17d6a7b5e8f3a2b1c0d9e8f7a\"}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":\"{019505c1-7d6a-7b5e-8f3a-2b1c0d9e8f7}\"}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":\"+19505c1-7d6a-7b5e-8f3a-2b1c0d9e8f7a\"}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"event_id\":\"simple-time-events/3/42@1772366400123\"}", "event_id")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":null}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":1772366400}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"yesterday\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"2026-03-01\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"2026-03-01T11:00:00\"}", "RFC 3339")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"2026-03-01 11:00:00Z\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"2026-02-30T11:00:00Z\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"01/03/2026 11:00:00 +00:00\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"0001-01-01T00:00:00+14:00\"}", "timestamp")]
    [InlineData("{\"event_type\":\"x\",\"timestamp\":\"99999-01-01T00:00:00Z\"}", "timestamp")]
    [InlineData("{\"event_type\":\"http_request\",\"data\":{\"user_ip\":1}}", "data.user_ip")]
    [InlineData("{\"event_type\":\"http_request\",\"data\":{\"os\":{}}}", "data.os")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"status_code\":\"200\"}}", "data.status_code")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"status_code\":200.5}}", "data.status_code")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"status_code\":99999999999999999999}}", "data.status_code")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"response_time_ms\":1E400}}", "data.response_time_ms")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"response_time_ms\":true}}", "data.response_time_ms")]
    [InlineData("{\"event_type\":\"http_response\",\"data\":{\"request_id\":7}}", "data.request_id")]
    [InlineData("{\"event_type\":\"error\",\"data\":{\"error_message\":[]}}", "data.error_message")]
    public void What_is_not_readable_is_a_dead_letter_that_says_why(string value, string reason)
    {
        var letter = Assert.IsType<DeadLetter>(Read(value));

        Assert.Contains(reason, letter.Reason, StringComparison.Ordinal);
        Assert.Equal(Position, letter.EventId);
        Assert.Equal(RecordTime, letter.Timestamp);
        Assert.Equal(("simple-time-events", 3, 42L), (letter.Topic, letter.Partition, letter.Offset));
        Assert.Equal(value, Encoding.UTF8.GetString(letter.Payload!.Value.Span));
        Assert.Equal(Encoding.UTF8.GetByteCount(value), letter.PayloadBytes);
        Assert.Null(letter.Key);
    }

    [Fact]
    public void A_record_without_a_value_is_a_dead_letter()
    {
        var record = Records.Of((byte[]?)null);
        record.Key = [1, 2, 3];

        var letter = Assert.IsType<DeadLetter>(_reader.Read(record));

        Assert.Null(letter.Payload);
        Assert.Equal(0, letter.PayloadBytes);
        Assert.Equal<byte>([1, 2, 3], letter.Key!.Value.ToArray());
    }

    [Fact]
    public void Invalid_UTF_8_is_a_dead_letter() => Assert.Contains(
        "UTF-8",
        Assert.IsType<DeadLetter>(_reader.Read(Records.Of([.. "{\"event_type\":\"x\",\"a\":\""u8, 0xFF, .. "\"}"u8]))).Reason,
        StringComparison.Ordinal);

    [Fact]
    public void Nesting_of_64_is_read_and_65_is_a_dead_letter()
    {
        Assert.IsType<CustomEventRow>(Read(Nested(64)));
        Assert.IsType<DeadLetter>(Read(Nested(65)));
        Assert.IsType<DeadLetter>(Read(new string('[', 1_000_000)));

        static string Nested(int depth) =>
            "{\"event_type\":\"x\",\"data\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth - 2)) + "{}" + new string('}', depth - 1);
    }

    [Fact]
    public void A_dead_letter_keeps_the_first_64_KiB()
    {
        var record = Records.Of(new string('x', 100_000));
        record.Key = new byte[70_000];

        var letter = Assert.IsType<DeadLetter>(_reader.Read(record));

        Assert.Equal(64 * 1024, letter.Payload!.Value.Length);
        Assert.Equal(64 * 1024, letter.Key!.Value.Length);
        Assert.Equal(100_000, letter.PayloadBytes);
    }

    [Fact]
    public void Nothing_in_a_record_makes_the_reader_throw()
    {
        var random = new Random(20260301);
        string[] seeds =
        [
            $$$"""{"event_id":"{{{Id}}}","timestamp":"{{{Time}}}","event_type":"http_request","data":{"user_ip":"203.0.113.9"}}""",
            """{"event_type":"http_response","data":{"status_code":200,"response_time_ms":0.42,"user_ip":"\u00e9\ud83d\ude00"}}""",
            """{"event_type":"error","data":{"error_message":"\ud800","x":[1e5,-0,true,null]}}""",
            """{"event_type":"custom","timestamp":"2026-03-01T00:30:00.5+02:00","data":{"a":{"b":[[[{}]]]}}}""",
        ];
        var alphabet = "{}[]\",:\\/ud8e+-.0123456789ETZtrufalsn\0\u007f\r\n \u00ff"u8.ToArray();

        for (var i = 0; i < 5000; i++)
        {
            var value = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]).ToList();
            for (var edits = random.Next(1, 8); edits > 0; edits--)
            {
                var at = random.Next(value.Count);
                switch (random.Next(4))
                {
                    case 0:
                        value[at] = alphabet[random.Next(alphabet.Length)];
                        break;
                    case 1:
                        value.Insert(at, (byte)random.Next(256));
                        break;
                    case 2:
                        value.InsertRange(at, value.GetRange(at, random.Next(value.Count - at)));
                        break;
                    default:
                        value.RemoveRange(at, random.Next(Math.Min(8, value.Count - at)));
                        break;
                }
            }

            var record = Records.Of([.. value], random.NextInt64());
            record.Timestamp = random.Next(3) == 0 ? null : new KafkaTimestamp
            {
                UnixTimestampMs = random.NextInt64(long.MinValue, long.MaxValue),
                Type = (KafkaTimestampType)random.Next(3),
            };
            record.Topic = random.Next(10) == 0 ? null : record.Topic;

            var stored = _reader.Read(record);

            Assert.Equal(27, stored.Timestamp.Length);
            Assert.NotEmpty(stored.EventId);
            Assert.True(stored is not DeadLetter { Reason: var reason } || (reason.Length is > 0 and <= 256 && !reason.Any(char.IsControl)));
        }
    }

    private static StoredRecord Read(string eventType, string data) =>
        Read($$"""{"event_id":"{{Id}}","timestamp":"{{Time}}","event_type":"{{eventType}}","data":{{data}}}""");

    private static StoredRecord Read(string value) => _reader.Read(Records.Of(value));

    [Theory]
    [InlineData("""{"event_type":"x"}""")]
    [InlineData("not JSON")]
    public void The_id_of_a_replay_stands_in_for_a_missing_one(string value)
    {
        const string id = "0f4b2c1e-7d7a-8f0e-9a11-223344556677";
        var record = Records.Of(value);
        record.Headers = [Header("11111111-7d7a-8f0e-9a11-223344556677"), Header(id.ToUpperInvariant()), new KafkaHeader { Key = "other" }];

        Assert.Equal(id, new EventReader(TimeProvider.System).Read(record).EventId);
    }

    [Fact]
    public void An_event_keeps_its_own_id_over_that_of_a_replay()
    {
        const string own = "00000000-0000-7000-8000-000000000001";
        var record = Records.Of($$"""{"event_type":"x","event_id":"{{own}}"}""");
        record.Headers = [Header("0f4b2c1e-7d7a-8f0e-9a11-223344556677")];

        Assert.Equal(own, new EventReader(TimeProvider.System).Read(record).EventId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0f4b2c1e-7d7a-8f0e-9a11-22334455667")]
    [InlineData("0f4b2c1e-7d7a-8f0e-9a11-22334455667ä")]
    [InlineData("{f4b2c1e-7d7a-8f0e-9a11-223344556677")]
    public void A_replay_id_that_is_no_UUID_is_not_taken(string? text)
    {
        var record = Records.Of("not JSON");
        record.Headers = [Header(text)];

        Assert.Equal("simple-time-events/3/42@1772366400123", new EventReader(TimeProvider.System).Read(record).EventId);
    }

    private static KafkaHeader Header(string? value) =>
        new() { Key = "simple-time-replay-id", Value = value is null ? null : Encoding.UTF8.GetBytes(value) };
}
