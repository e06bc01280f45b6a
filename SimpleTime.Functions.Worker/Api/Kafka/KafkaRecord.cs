namespace Microsoft.Azure.Functions.Worker;

/// <summary>A record of a Kafka topic, with its raw key and value.</summary>
public class KafkaRecord
{
    /// <summary>The topic.</summary>
    public string? Topic { get; set; }

    /// <summary>The partition, from 0.</summary>
    public int Partition { get; set; }

    /// <summary>The offset in the partition.</summary>
    public long Offset { get; set; }

    /// <summary>The key; null when there is none.</summary>
    public byte[]? Key { get; set; }

    /// <summary>The value; null for a tombstone.</summary>
    public byte[]? Value { get; set; }

    /// <summary>When the record was made or appended.</summary>
    public KafkaTimestamp? Timestamp { get; set; }

    /// <summary>The headers, in order; empty when there are none.</summary>
    public KafkaHeader[] Headers { get; set; } = [];
}
