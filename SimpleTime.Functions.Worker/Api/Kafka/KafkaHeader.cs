namespace Microsoft.Azure.Functions.Worker;

/// <summary>A header of a Kafka record.</summary>
public class KafkaHeader
{
    /// <summary>Gets or sets the name.</summary>
    public string? Key { get; set; }

    /// <summary>Gets or sets the value; null is allowed by Kafka.</summary>
    public byte[]? Value { get; set; }
}
