using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;

namespace SimpleTime.Functions.Functions;

/// <summary><c>POST /kafka/flush</c>: waits until what this instance accepted is durable.</summary>
/// <param name="kafka">Waits.</param>
public sealed class KafkaFlush(IKafka kafka)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);
    private static readonly BodyResult _flushed = BodyResult.Json(
        StatusCodes.Status200OK, """{"status":"success","message":"Kafka producer flushed","pending":0}"""u8);

    /// <summary>
    /// Answers 200 when all is acknowledged by Kafka or synced to the spool; 504 with the number that is not, after 10 s or when some
    /// were lost; 503 when Kafka is not up.
    /// </summary>
    /// <param name="request">The request; its body is read for its size alone.</param>
    /// <param name="cancellationToken">Cancelled when the caller is gone.</param>
    [Function("KafkaFlush")]
    public async Task<FunctionOutput> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "kafka/flush")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        await RequestBody.ReadAsync(request, cancellationToken);
        if (!kafka.IsUp)
        {
            throw new RequestRefusedException(
                StatusCodes.Status503ServiceUnavailable, "Kafka is NOT UP, so nothing can be flushed now. Events accepted so far stay queued.");
        }

        return new FunctionOutput
        {
            Answer = await kafka.FlushAsync(_timeout, cancellationToken) switch
            {
                0 => _flushed,
                { } pending => ProblemAnswer.Result(
                    StatusCodes.Status504GatewayTimeout,
                    string.Create(CultureInfo.InvariantCulture, $"{pending} event(s) are neither acknowledged by Kafka nor safe on the disk."),
                    pending),
                null => ProblemAnswer.Result(
                    StatusCodes.Status503ServiceUnavailable, "This host does not know which events Kafka has acknowledged."),
            },
        };
    }
}
