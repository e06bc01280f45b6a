using System.Text;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A header of a Kafka record.</summary>
public class KafkaHeader
{
    /// <summary>The name.</summary>
    public string? Key { get; set; }

    /// <summary>The value; null is allowed by Kafka.</summary>
    public byte[]? Value { get; set; }

    /// <summary>The value read as UTF-8; null when there is none.</summary>
    public string? GetValueAsString() => Value is null ? null : Encoding.UTF8.GetString(Value);
}
