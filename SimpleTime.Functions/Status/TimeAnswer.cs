using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Status;

/// <summary>The body of <c>GET /</c>.</summary>
internal sealed class TimeAnswer
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("timestamp")]
    public required string Timestamp { get; init; }

    [JsonPropertyName("user_ip")]
    public required string? UserIp { get; init; }

    [JsonPropertyName("proxy_chain")]
    public required string[] ProxyChain { get; init; }

    [JsonPropertyName("hostname")]
    public required string Hostname { get; init; }

    [JsonPropertyName("os")]
    public required string Os { get; init; }

    [JsonPropertyName("pod_ip")]
    public required string? PodIp { get; init; }

    [JsonPropertyName("kafka_status")]
    public required string KafkaStatus { get; init; }
}
