using System.Text;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>Makes records of Kafka.</summary>
internal static class Records
{
    /// <summary>2026-03-01T12:00:00.123Z.</summary>
    public const long TimestampMs = 1772366400123;

    public static KafkaRecord Of(string value, long offset = 42) => Of(Encoding.UTF8.GetBytes(value), offset);

    public static KafkaRecord Of(byte[]? value, long offset = 42) => new()
    {
        Topic = "simple-time-events",
        Partition = 3,
        Offset = offset,
        Value = value,
        Timestamp = new KafkaTimestamp { UnixTimestampMs = TimestampMs, Type = KafkaTimestampType.CreateTime },
    };
}
