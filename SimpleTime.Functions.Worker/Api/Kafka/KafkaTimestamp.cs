namespace Microsoft.Azure.Functions.Worker;

/// <summary>The timestamp of a Kafka record.</summary>
public class KafkaTimestamp
{
    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    public long UnixTimestampMs { get; set; }

    /// <summary>Gets or sets what the timestamp stands for.</summary>
    public KafkaTimestampType Type { get; set; }
}
