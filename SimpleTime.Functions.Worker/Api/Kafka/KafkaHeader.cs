namespace Microsoft.Azure.Functions.Worker;

/// <summary>A header of a Kafka record.</summary>
public class KafkaHeader
{
    /// <summary>The name.</summary>
    public string? Key { get; set; }

    /// <summary>The value; null is allowed by Kafka.</summary>
    public byte[]? Value { get; set; }
}
