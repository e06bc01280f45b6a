using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Events;

/// <summary>
/// An event as it is sent to Kafka. Immutable. Writes itself, so that it is the same JSON whichever serializer a host uses:
/// source-generated or by reflection.
/// </summary>
[JsonConverter(typeof(ServiceEventConverter))]
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

    /// <summary>Gets the event's id: a UUID of version 7, in lower case.</summary>
    public string EventId { get; }

    /// <summary>Gets when it happened: UTC, <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>.</summary>
    public string Timestamp { get; }

    /// <summary>Gets what happened: <c>http_request</c>, <c>http_response</c>, <c>error</c> or a caller's own name.</summary>
    public string EventType { get; }

    /// <summary>Gets what is told of it.</summary>
    public EventData Data { get; }

    /// <summary>Returns a new event.</summary>
    /// <param name="now">When it happened.</param>
    /// <param name="eventType">What happened.</param>
    /// <param name="data">What is told of it.</param>
    internal static ServiceEvent Create(DateTimeOffset now, string eventType, EventData data) =>
        new(UuidText.Create(now), UtcTimestamp.Format(now), eventType, data);

    /// <summary>Writes one JSON object.</summary>
    /// <param name="writer">Where to.</param>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("event_id"u8, EventId);
        writer.WriteString("timestamp"u8, Timestamp);
        writer.WriteString("event_type"u8, EventType);
        writer.WritePropertyName("data"u8);
        Data.WriteTo(writer);
        writer.WriteEndObject();
    }
}
