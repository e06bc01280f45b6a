using System.Text.Json.Serialization;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.Kafka;

/// <summary>The body of <c>POST /kafka/publish</c> when the event was accepted.</summary>
internal sealed class PublishAnswer
{
    [JsonPropertyName("status")]
    public string Status { get; } = "success";

    [JsonPropertyName("message")]
    public string Message { get; } = "Event accepted for Kafka";

    [JsonPropertyName("event")]
    public required ServiceEvent Event { get; init; }
}
