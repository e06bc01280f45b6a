namespace Microsoft.Azure.Functions.Worker;

/// <summary>The timestamp of a Kafka record.</summary>
public class KafkaTimestamp
{
    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    public long UnixTimestampMs { get; set; }

    /// <summary>What the timestamp stands for.</summary>
    public KafkaTimestampType Type { get; set; }

    /// <summary>The timestamp as a date, in UTC.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of milliseconds is outside of years 1 to 9999.</exception>
    public DateTimeOffset DateTimeOffset => DateTimeOffset.FromUnixTimeMilliseconds(UnixTimestampMs);
}
