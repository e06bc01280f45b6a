using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Requests;

namespace SimpleTime.Functions.Kafka;

/// <summary><c>POST /kafka/publish</c>: takes an event of the caller's.</summary>
/// <param name="kafka">Whether Kafka is up.</param>
/// <param name="acceptance">Whether the event was accepted.</param>
/// <param name="time">The clock.</param>
public sealed class KafkaPublish(IKafkaStatus kafka, IEventAcceptance acceptance, TimeProvider time)
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
                acceptance),
            Events = [accepted],
        };
    }
}
