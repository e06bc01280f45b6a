using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Kafka;

/// <summary>What is known of Kafka at one moment: the body of <c>GET /kafka/status</c>. Immutable.</summary>
public sealed record KafkaStatusSnapshot
{
    /// <summary>Gets whether the topic's partitions have a leader that answers.</summary>
    [JsonIgnore]
    public bool IsUp { get; init; }

    /// <summary>Gets the same as a state.</summary>
    [JsonPropertyName("kafka_status")]
    public KafkaState State => IsUp ? KafkaState.Up : KafkaState.NotUp;

    /// <summary>Gets the client that sends events.</summary>
    [JsonPropertyName("kafka_producer")]
    public required KafkaState Producer { get; init; }

    /// <summary>Gets the client that takes events to the store.</summary>
    [JsonPropertyName("kafka_consumer")]
    public required KafkaState Consumer { get; init; }

    /// <summary>Gets the brokers, as they were set.</summary>
    [JsonPropertyName("brokers")]
    public required string Brokers { get; init; }

    /// <summary>Gets the topic of the events.</summary>
    [JsonPropertyName("topic")]
    public required string Topic { get; init; }

    /// <summary>Gets the consumer group that takes events to the store.</summary>
    [JsonPropertyName("consumer_group")]
    public required string ConsumerGroup { get; init; }

    /// <summary>Events that this instance accepted and Kafka has not acknowledged; null when unknown.</summary>
    [JsonPropertyName("pending")]
    public long? Pending { get; init; }

    /// <summary>Records that the whole group has not committed yet; null when unknown.</summary>
    [JsonPropertyName("lag")]
    public long? Lag { get; init; }

    /// <summary>Gets why the consumer does not go on; null while it does. At most 512 characters.</summary>
    [JsonPropertyName("paused_reason")]
    public string? PausedReason { get; init; }

    /// <summary>Gets why Kafka is not up, or which part of it cannot be used while it is; null when all is well. At most 512 characters.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }
}
