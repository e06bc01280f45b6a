using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Functions;

/// <summary><c>GET /readyz</c>: whether to send requests here. Depends on neither Kafka nor the database.</summary>
/// <param name="lifetime">Tells whether the process is on its way out.</param>
public sealed class Readyz(IHostApplicationLifetime lifetime)
{
    private static readonly BodyResult _ready = BodyResult.Json(StatusCodes.Status200OK, """{"status":"ready"}"""u8);
    private static readonly BodyResult _draining = BodyResult.Json(StatusCodes.Status503ServiceUnavailable, """{"status":"draining"}"""u8);

    /// <summary>Answers 200, or 503 from the moment that a stop was asked for.</summary>
    /// <param name="request">The request.</param>
    [Function("Readyz")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "readyz")] HttpRequest request)
    {
        Traces.Discard();
        return lifetime.ApplicationStopping.IsCancellationRequested ? _draining : _ready;
    }
}
