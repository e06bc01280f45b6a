using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using SimpleTime.Functions.Status;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>Registers what the service tells of itself.</summary>
internal static class TelemetryServiceCollectionExtensions
{
    // Semantic conventions 1.44, http.server.request.duration, in seconds.
    private static readonly double[] _requestDurationBuckets =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Adds the metrics and their Prometheus exporter.</summary>
    /// <param name="services">The services of the app.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<ServiceMetrics>();
        services.AddSingleton<PrometheusEndpoint>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Microsoft.AspNetCore.Hosting", ServiceMetrics.MeterName, "SimpleTime.Functions.Worker")
            .AddView(
                "http.server.request.duration",
                new ExplicitBucketHistogramConfiguration { Boundaries = _requestDurationBuckets })
            .AddPrometheusExporter());
        return services;
    }
}
