using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>
/// Reads records of Kafka as events; what is not one becomes a dead letter, so that nothing blocks a partition.
/// Never throws, whatever the record holds. Safe for use by several threads.
/// </summary>
/// <param name="time">The clock, for a record without a usable time.</param>
public sealed class EventReader(TimeProvider time)
{
    private const int MaxKept = 64 * 1024;
    private const int MaxReason = 256;

    // The end of DateTimeOffset's range; Kafka's is that of a long.
    private static readonly long _lastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The record as the store keeps it.</summary>
    /// <param name="record">The record.</param>
    public StoredRecord Read(KafkaRecord record)
    {
        if (record.Value is not { } value)
        {
            return Dead(record, "The record has no value.");
        }

        if (!Utf8.IsValid(value))
        {
            return Dead(record, "The value is not valid UTF-8.");
        }

        try
        {
            return ReadEvent(record, StrictJson.Parse(value));
        }
        catch (JsonException exception)
        {
            return Dead(record, $"The value is not valid JSON: {exception.Message}");
        }
    }

    /// <summary>Returns the dead letter of a batch of records that no client can decode.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="firstOffset">The offset of its first record.</param>
    /// <param name="lastOffset">The last offset that belongs to it.</param>
    /// <param name="reason">What is wrong with it.</param>
    public DeadLetter Undecodable(string topic, int partition, long firstOffset, long lastOffset, string reason) => new(
        Position(topic, partition, firstOffset, null),
        UtcTimestamp.Format(time.GetUtcNow()),
        topic,
        partition,
        firstOffset,
        null,
        null,
        DeadLetter.UnknownSize,
        SafeText.OneLine($"The records at the offsets {firstOffset} to {lastOffset} cannot be decoded. {reason}", MaxReason));

    private StoredRecord ReadEvent(KafkaRecord record, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Dead(record, "The value is not a JSON object.");
        }

        if (!root.TryGetProperty("event_type"u8, out var typeElement) ||
            typeElement.ValueKind != JsonValueKind.String ||
            typeElement.GetString() is not { } eventType ||
            !EventTypeName.IsValid(eventType))
        {
            return Dead(record, "event_type is not a string of 1 to 128 characters of A-Z, a-z, 0-9, dot, underscore and hyphen.");
        }

        var hasData = root.TryGetProperty("data"u8, out var data);
        if (hasData && data.ValueKind != JsonValueKind.Object)
        {
            return Dead(record, "data is not an object.");
        }

        string? id = null;
        if (root.TryGetProperty("event_id"u8, out var idElement) && !TryReadId(idElement, out id))
        {
            return Dead(record, "event_id is not a UUID.");
        }

        string? timestamp = null;
        if (root.TryGetProperty("timestamp"u8, out var timeElement) && !TryReadTimestamp(timeElement, out timestamp))
        {
            return Dead(record, "timestamp is not a date and time with its offset from UTC in RFC 3339, such as 2026-03-01T11:00:00Z, or in ISO 8601's basic form.");
        }

        id ??= ReplayId(record) ?? Position(record);
        timestamp ??= RecordTime(record);
        var fields = new EventFields(data);
        StoredRecord row = eventType switch
        {
            ServiceEvent.HttpRequest => new HttpRequestRow(
                id, timestamp, fields.Text("user_ip"), fields.Text("method"), fields.Text("endpoint"), fields.Text("hostname"), fields.Text("os")),
            ServiceEvent.HttpResponse => new HttpResponseRow(
                id, timestamp, fields.Text("user_ip"), fields.Integer("status_code"), fields.Real("response_time_ms"), fields.Text("request_id")),
            ServiceEvent.Error => new ErrorRow(
                id, timestamp, fields.Text("error_message"), fields.Text("error_type"), fields.Text("endpoint")),
            _ => new CustomEventRow(id, timestamp, eventType, hasData ? data.GetRawText() : "{}"),
        };
        return fields.Problem is null ? row : Dead(record, fields.Problem);
    }

    private static bool TryReadId(JsonElement element, out string? id)
    {
        id = null;
        return element.ValueKind == JsonValueKind.String && UuidText.TryRead(element.GetString(), out id);
    }

    private static bool TryReadTimestamp(JsonElement element, out string? timestamp)
    {
        timestamp = null;
        if (element.ValueKind != JsonValueKind.String || !TimestampReader.TryRead(element.GetString(), out var value))
        {
            return false;
        }

        timestamp = UtcTimestamp.Format(value);
        return true;
    }

    private DeadLetter Dead(KafkaRecord record, string reason) => new(
        ReplayId(record) ?? Position(record),
        RecordTime(record),
        record.Topic ?? "",
        record.Partition,
        record.Offset,
        First(record.Key),
        First(record.Value),
        record.Value?.Length ?? 0,
        SafeText.OneLine(reason, MaxReason));

    private static ReadOnlyMemory<byte>? First(byte[]? bytes) =>
        bytes is null ? default(ReadOnlyMemory<byte>?) : bytes.AsMemory(0, Math.Min(bytes.Length, MaxKept));

    /// <summary>The id that a replay gave the record, so that replaying it twice is one row, also when it is a dead letter again.</summary>
    private static string? ReplayId(KafkaRecord record)
    {
        var header = Array.FindLast(record.Headers, header => header.Key == ReplayIdentity.Header);
        return header?.Value is { Length: UuidText.Length } value && UuidText.TryRead(Encoding.ASCII.GetString(value), out var id) ? id : null;
    }

    /// <summary>The timestamp sets a topic that was made anew apart from the one before it.</summary>
    private static string Position(KafkaRecord record) => Position(record.Topic ?? "", record.Partition, record.Offset, TimestampMs(record));

    private static string Position(string topic, int partition, long offset, long? timestampMs) =>
        string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}/{offset}@{timestampMs ?? -1}");

    private string RecordTime(KafkaRecord record) => UtcTimestamp.Format(
        TimestampMs(record) is { } ms && ms <= _lastMs
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : time.GetUtcNow());

    // By the time alone: the official host's records have one whose type is NotAvailable.
    private static long? TimestampMs(KafkaRecord record) => record.Timestamp is { UnixTimestampMs: > 0 and var ms } ? ms : null;
}
