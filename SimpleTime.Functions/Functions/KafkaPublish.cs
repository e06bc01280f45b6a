using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Functions;

/// <summary><c>POST /kafka/publish</c>: takes an event of the caller's.</summary>
/// <param name="kafka">Tells whether it is up, and whether the event was accepted.</param>
/// <param name="time">The clock.</param>
public sealed class KafkaPublish(IKafka kafka, TimeProvider time)
{
    /// <summary>Answers 200 with the event as it was accepted; 413, 400 or 503, checked in this order, when it was not.</summary>
    /// <param name="request">The request; its body is a JSON object of at most 64 KiB.</param>
    /// <param name="cancellationToken">Cancelled when the caller is gone.</param>
    [Function("KafkaPublish")]
    public async Task<FunctionOutput> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "kafka/publish")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var published = PublishRequest.Parse(await RequestBody.ReadAsync(request, cancellationToken));
        if (!kafka.IsUp)
        {
            throw new RequestRefusedException(
                StatusCodes.Status503ServiceUnavailable, "Kafka is NOT UP, so the event was not accepted. Try again later.");
        }

        var accepted = ServiceEvent.Create(time.GetUtcNow(), published.EventType, new CustomData(published.Data));
        return new FunctionOutput
        {
            Answer = new PublishedResult(
                BodyResult.Json(StatusCodes.Status200OK, new PublishAnswer { Event = accepted }, AnswerJsonContext.Readable.PublishAnswer),
                kafka),
            Events = [accepted],
        };
    }
}

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
                    throw Refused($"Unknown member \"{SafeText.OneLine(member.Name, 64)}\". {Form}");
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

/// <summary>
/// An answer that says that events were accepted, unless they were not: then it is 503. Immutable, safe for use by several threads.
/// </summary>
/// <param name="accepted">The answer when they were.</param>
/// <param name="kafka">Tells.</param>
internal sealed class PublishedResult(BodyResult accepted, IKafka kafka) : IResult
{
    private static readonly BodyResult _refused = ProblemAnswer.Result(
        StatusCodes.Status503ServiceUnavailable, "Neither Kafka nor the spool takes the event now, so it was not accepted. Try again later.");

    public Task ExecuteAsync(HttpContext httpContext) =>
        (kafka.IsAccepted(httpContext) ? accepted : _refused).ExecuteAsync(httpContext);
}
