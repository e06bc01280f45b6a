using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Status;

/// <summary>The exporter's scraping endpoint as an answer. Stateless after construction, so one instance serves all requests.</summary>
/// <param name="services">Where the exporter is registered.</param>
public sealed class PrometheusEndpoint(IServiceProvider services) : IResult
{
    private readonly RequestDelegate _scrape =
        new ApplicationBuilder(services).UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();

    /// <summary>Writes the metrics as Prometheus text.</summary>
    /// <param name="httpContext">The request to answer.</param>
    public Task ExecuteAsync(HttpContext httpContext) => _scrape(httpContext);
}
