using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Events;

/// <summary>An event as it is sent to Kafka. Immutable.</summary>
public sealed class ServiceEvent
{
    internal const string HttpRequest = "http_request";
    internal const string HttpResponse = "http_response";
    internal const string Error = "error";

    private ServiceEvent(string eventId, string timestamp, string eventType, EventData data)
    {
        EventId = eventId;
        Timestamp = timestamp;
        EventType = eventType;
        Data = data;
    }

    /// <summary>The event's id: a UUID of version 7, in lower case.</summary>
    [JsonPropertyName("event_id")]
    [JsonPropertyOrder(0)]
    public string EventId { get; }

    /// <summary>When it happened: UTC, <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>.</summary>
    [JsonPropertyName("timestamp")]
    [JsonPropertyOrder(1)]
    public string Timestamp { get; }

    /// <summary>What happened: <c>http_request</c>, <c>http_response</c>, <c>error</c> or a caller's own name.</summary>
    [JsonPropertyName("event_type")]
    [JsonPropertyOrder(2)]
    public string EventType { get; }

    /// <summary>What is told of it.</summary>
    [JsonPropertyName("data")]
    [JsonPropertyOrder(3)]
    public EventData Data { get; }

    /// <summary>A new event.</summary>
    /// <param name="now">When it happened.</param>
    /// <param name="eventType">What happened.</param>
    /// <param name="data">What is told of it.</param>
    internal static ServiceEvent Create(DateTimeOffset now, string eventType, EventData data)
    {
        // A UUID of version 7 has no time before 1970 (RFC 9562, 5.7), which a clock that is wrong may show.
        var id = Guid.CreateVersion7(now > DateTimeOffset.UnixEpoch ? now : DateTimeOffset.UnixEpoch);
        return new(id.ToString(), UtcTimestamp.Format(now), eventType, data);
    }
}
