using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class FuzzedRecordsTests : FaultTest
{
    private static readonly byte[] _event =
        """{"event_id":"01a204a3-4374-7cf5-95c1-e74d65f57a44","timestamp":"2026-11-22T19:02:18.228523Z","event_type":"http_request","data":{"user_ip":"203.0.113.45","method":"GET","endpoint":"/","hostname":"h","os":"Linux"}}"""u8.ToArray();

    protected override bool NeedsTestBroker => false;

    [Fact]
    public async Task Each_fuzzed_record_is_a_row_or_a_dead_letter_and_none_stops_a_partition()
    {
        var random = new Random(7);
        var config = new ProducerConfig { BootstrapServers = Brokers, LingerMs = 20 };
        using (var producer = new ProducerBuilder<Null, byte[]?>(config).Build())
        {
            for (var i = 0; i < FaultScale.FuzzedRecords; i++)
            {
                // Evenly: the test broker drops what a partition has no room for.
                producer.Produce(new TopicPartition(Topic, i % Partitions), new Message<Null, byte[]?> { Value = Fuzz(random, i) });
            }

            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        }

        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await service.GetTimesAsync(10);

        const string all = "SELECT (SELECT count(*) FROM http_requests) + (SELECT count(*) FROM http_responses) + (SELECT count(*) FROM errors)"
            + " + (SELECT count(*) FROM custom_events) + (SELECT count(*) FROM dead_letters)";
        await Eventually.EqualsAsync(FaultScale.FuzzedRecords + 20L, () => StoredEvents.CountAsync(Database, all), TimeSpan.FromSeconds(60));
        Assert.True(await StoredEvents.CountAsync(Database, "SELECT count(*) FROM dead_letters") > FaultScale.FuzzedRecords / 4);
        Assert.True(await StoredEvents.CountAsync(Database, "SELECT count(*) FROM http_requests") > FaultScale.FuzzedRecords / 20);
        var status = await Eventually.MeetsAsync(
            () => service.GetJsonAsync("/kafka/status"), s => s.GetProperty("lag") is { ValueKind: System.Text.Json.JsonValueKind.Number } lag && lag.GetInt64() == 0);
        Assert.Null(status.GetProperty("paused_reason").GetString());
    }

    // An id of its own for each record, so that none is another's repetition.
    private static byte[]? Fuzz(Random random, int number)
    {
        var value = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_event).Replace("01a204a3-4374", $"{number:x8}-{random.Next(65536):x4}", StringComparison.Ordinal));
        switch (random.Next(9))
        {
            case 0:
                return value;
            case 1:
                return value[..random.Next(value.Length)];
            case 2:
                value[random.Next(60, value.Length)] = (byte)random.Next(256);
                return value;
            case 3:
                return null;
            case 4:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", random.Next(1, 5000))));
            case 5:
                return [.. "{\"event_type\":\"a\",\"event_type\":\"b\",\"data\":{}}"u8];
            case 6:
                return Encoding.UTF8.GetBytes($"{{\"event_type\":\"large\",\"data\":{{\"text\":\"{new string('x', random.Next(20_000))}\"}}}}");
            case 7:
                return Encoding.UTF8.GetBytes($"{{\"event_type\":\"http_response\",\"data\":{{\"status_code\":\"{random.Next()}\",\"response_time_ms\":{random.NextDouble()}e{random.Next(400)}}}}}");
            default:
                var noise = new byte[random.Next(200)];
                random.NextBytes(noise);
                return noise;
        }
    }
}
