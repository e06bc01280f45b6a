namespace Microsoft.Azure.Functions.Worker;

/// <summary>A record of a Kafka topic, with its raw key and value.</summary>
public class KafkaRecord
{
    /// <summary>Gets or sets the topic.</summary>
    public string? Topic { get; set; }

    /// <summary>Gets or sets the partition, from 0.</summary>
    public int Partition { get; set; }

    /// <summary>Gets or sets the offset in the partition.</summary>
    public long Offset { get; set; }

    /// <summary>Gets or sets the key; null when there is none.</summary>
    public byte[]? Key { get; set; }

    /// <summary>Gets or sets the value; null for a tombstone.</summary>
    public byte[]? Value { get; set; }

    /// <summary>Gets or sets when the record was made or appended.</summary>
    public KafkaTimestamp? Timestamp { get; set; }

    /// <summary>Gets or sets the headers, in order; empty when there are none.</summary>
    public KafkaHeader[] Headers { get; set; } = [];
}
