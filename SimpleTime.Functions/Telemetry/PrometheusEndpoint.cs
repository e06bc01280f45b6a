using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Answers;

namespace SimpleTime.Functions.Telemetry;

/// <summary>The exporter's scraping endpoint as an answer. Stateless after construction, so one instance serves all requests.</summary>
public sealed class PrometheusEndpoint : IResult
{
    private readonly RequestDelegate _scrape;

    /// <summary>Makes the endpoint; without metrics it answers 503.</summary>
    /// <param name="services">Where the exporter is registered.</param>
    public PrometheusEndpoint(IServiceProvider services)
    {
        try
        {
            _scrape = new ApplicationBuilder(services).UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        }
#pragma warning disable CA1031 // The start of the service said why there are none.
        catch (Exception)
#pragma warning restore CA1031
        {
            _scrape = ProblemAnswer.Result(
                StatusCodes.Status503ServiceUnavailable, "There are no metrics: they are switched off or could not be started.").ExecuteAsync;
        }
    }

    /// <summary>Writes the metrics as Prometheus text.</summary>
    /// <param name="httpContext">The request to answer.</param>
    public Task ExecuteAsync(HttpContext httpContext) => _scrape(httpContext);
}
