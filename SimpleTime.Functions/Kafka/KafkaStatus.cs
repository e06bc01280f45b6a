using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;

namespace SimpleTime.Functions.Kafka;

/// <summary><c>GET /kafka/status</c>: what is known of Kafka.</summary>
/// <param name="kafka">Knows it.</param>
public sealed class KafkaStatus(IKafkaStatus kafka)
{
    /// <summary>Answers 200, or 503 with the same body when Kafka is not up.</summary>
    /// <param name="request">The request.</param>
    [Function("KafkaStatus")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "kafka/status")] HttpRequest request)
    {
        var snapshot = kafka.Snapshot();
        return BodyResult.Json(
            snapshot.IsUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new KafkaStatusAnswer
            {
                KafkaStatus = Text(snapshot.IsUp ? KafkaState.Up : KafkaState.NotUp),
                KafkaProducer = Text(snapshot.Producer),
                KafkaConsumer = Text(snapshot.Consumer),
                Brokers = snapshot.Brokers,
                Topic = snapshot.Topic,
                ConsumerGroup = snapshot.ConsumerGroup,
                Pending = snapshot.Pending,
                Lag = snapshot.Lag,
                PausedReason = snapshot.PausedReason,
                Reason = snapshot.Reason,
            },
            AnswerJsonContext.Readable.KafkaStatusAnswer);
    }

    private static string Text(KafkaState state) => state switch
    {
        KafkaState.Up => "UP",
        KafkaState.Disabled => "DISABLED",
        _ => "NOT UP",
    };
}
