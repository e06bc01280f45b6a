using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Kafka;

/// <summary>The body of <c>GET /kafka/status</c>.</summary>
internal sealed class KafkaStatusAnswer
{
    [JsonPropertyName("kafka_status")]
    public required string KafkaStatus { get; init; }

    [JsonPropertyName("kafka_producer")]
    public required string KafkaProducer { get; init; }

    [JsonPropertyName("kafka_consumer")]
    public required string KafkaConsumer { get; init; }

    [JsonPropertyName("brokers")]
    public required string Brokers { get; init; }

    [JsonPropertyName("topic")]
    public required string Topic { get; init; }

    [JsonPropertyName("consumer_group")]
    public required string ConsumerGroup { get; init; }

    [JsonPropertyName("pending")]
    public required long? Pending { get; init; }

    [JsonPropertyName("lag")]
    public required long? Lag { get; init; }

    [JsonPropertyName("paused_reason")]
    public required string? PausedReason { get; init; }

    [JsonPropertyName("reason")]
    public required string? Reason { get; init; }
}
