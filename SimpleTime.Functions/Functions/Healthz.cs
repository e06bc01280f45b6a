using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Functions;

/// <summary><c>GET /healthz</c>: whether the process lives. Touches nothing that could be down.</summary>
public sealed class Healthz
{
    private static readonly BodyResult _healthy = BodyResult.Json(StatusCodes.Status200OK, """{"status":"healthy"}"""u8);

    /// <summary>Answers 200.</summary>
    /// <param name="request">The request.</param>
    [Function("Healthz")]
    [SuppressMessage("Performance", "CA1822", Justification = "Hosts call functions on an instance.")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "healthz")] HttpRequest request)
    {
        Traces.Discard();
        return _healthy;
    }
}
