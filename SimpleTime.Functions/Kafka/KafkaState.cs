using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Kafka;

/// <summary>The state of a Kafka client.</summary>
[JsonConverter(typeof(KafkaStateConverter))]
public enum KafkaState
{
    /// <summary>It does not reach its topic.</summary>
    NotUp = 0,

    /// <summary>It reaches its topic.</summary>
    Up = 1,

    /// <summary>No enabled function uses it.</summary>
    Disabled = 2,
}
