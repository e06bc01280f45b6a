using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Requests;

namespace SimpleTime.Functions.Kafka;

/// <summary>The body of <c>POST /kafka/publish</c>.</summary>
/// <param name="EventType">What the event is called.</param>
/// <param name="Data">The caller's object.</param>
internal readonly record struct PublishRequest(string EventType, JsonElement Data)
{
    private const string Form = "Send a JSON object such as {\"event_type\":\"custom_event\",\"data\":{}}; both members may be left out.";

    private static readonly JsonElement _emptyObject = JsonElement.Parse("{}"u8);

    /// <summary>Reads the body. An empty one is refused like any other that is not an object.</summary>
    /// <param name="body">The body's bytes.</param>
    /// <exception cref="JsonException">The body is not JSON, nests deeper than 64 or has a name twice in one object.</exception>
    /// <exception cref="RequestRefusedException">400: it is JSON, but not a request to publish.</exception>
    public static PublishRequest Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            throw Refused($"The body is empty. {Form}");
        }

        if (!Utf8.IsValid(body))
        {
            throw Refused("The body is not valid UTF-8.");
        }

        if (body.Contains((byte)0))
        {
            throw Refused("The body has bytes of 0, as UTF-16 and UTF-32 have. Send it in UTF-8.");
        }

        var root = StrictJson.Parse(body);
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Refused($"The body is not a JSON object. {Form}");
        }

        var eventType = "custom_event";
        var data = _emptyObject;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "event_type":
                    eventType = ReadEventType(member.Value);
                    break;
                case "data" when member.Value.ValueKind == JsonValueKind.Object:
                    data = member.Value;
                    break;
                case "data":
                    throw Refused("\"data\" is not a JSON object.");
                default:
                    throw Refused($"Unknown member \"{SafeText.Bound(member.Name, 64)}\". {Form}");
            }
        }

        return new PublishRequest(eventType, data);
    }

    private static string ReadEventType(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } eventType || !EventTypeName.IsValid(eventType))
        {
            throw Refused("\"event_type\" is not a string of 1 to 128 characters of A-Z, a-z, 0-9, dot, underscore and hyphen.");
        }

        if (EventTypeName.IsReserved(eventType))
        {
            throw Refused($"\"event_type\" \"{eventType}\" is reserved for, or looks like, an event of the service itself.");
        }

        return eventType;
    }

    private static RequestRefusedException Refused(string detail) => new(StatusCodes.Status400BadRequest, detail);
}
