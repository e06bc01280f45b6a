using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Telemetry;

namespace SimpleTime.Functions.Functions;

/// <summary><c>GET /metrics</c>: what the service counts, for Prometheus.</summary>
/// <param name="prometheus">Writes the answer.</param>
public sealed class Metrics(PrometheusEndpoint prometheus)
{
    /// <summary>Answers with Prometheus text.</summary>
    /// <param name="request">The request.</param>
    [Function("Metrics")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "metrics")] HttpRequest request)
    {
        Traces.Discard();
        return prometheus;
    }
}
