using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Kafka;

namespace SimpleTime.Functions.Functions;

/// <summary><c>GET /kafka/status</c>: what is known of Kafka.</summary>
/// <param name="kafka">Knows it.</param>
public sealed class KafkaStatus(IKafka kafka)
{
    /// <summary>Answers 200, or 503 with the same body when Kafka is not up.</summary>
    /// <param name="request">The request.</param>
    [Function("KafkaStatus")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "kafka/status")] HttpRequest request)
    {
        var snapshot = kafka.Snapshot();
        return BodyResult.Json(
            snapshot.IsUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, snapshot, AnswerJsonContext.Readable.KafkaStatusSnapshot);
    }
}
