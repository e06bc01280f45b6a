using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Settings;

namespace SimpleTime.Functions.Telemetry;

/// <summary>Registers what the service tells of itself.</summary>
internal static class TelemetryServiceCollectionExtensions
{
    private const string ServiceName = "simple-time-service";

    // What the host calls its meter and its activity source.
    private const string WorkerName = "SimpleTime.Functions.Worker";

    private static readonly string[] _dropped =
    [
        // In Prometheus text their names would end as those of a histogram's parts do, which promtool refuses.
        "dotnet.assembly.count", "dotnet.process.cpu.count", "dotnet.timer.count",

        // Two of the ten measurements that a request makes, and of no use to the rules and the dashboard.
        "http.server.active_requests",
    ];

    // Semantic conventions 1.44, http.server.request.duration, in seconds; finer ones come first, since most requests take less than 0.1 ms.
    private static readonly double[] _requestDurationBuckets =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Adds the metrics and their Prometheus exporter and, where an endpoint is set, OTLP for metrics, traces and logs.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var otlp = OtlpSettings.From(configuration);
        var events = new SdkEvents();
        // The SDK reads it too.
        services.TryAddSingleton(configuration);
        services.AddSingleton(otlp);
        SettingProblem.Add(services, otlp.Problems);
        // By a factory, so that the container disposes of it.
        services.AddSingleton(_ => events);
        services.AddHostedService<TelemetryLifetime>();
        services.AddMetrics();
        services.AddSingleton<ServiceMetrics>();
        services.AddSingleton<StoreMetrics>();
        services.AddSingleton<PrometheusEndpoint>();

        var sdk = new SdkBuilder(services);
        sdk.ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics
                .AddView(View)
                .AddMeter("Microsoft.AspNetCore.Hosting", "System.Runtime", ServiceMetrics.MeterName, WorkerName)
                .AddPrometheusExporter();
            if (otlp.Sends(OtlpSignal.Metrics))
            {
                metrics.AddOtlpExporter(options => otlp.Configure(OtlpSignal.Metrics, options));
            }
        });
        if (otlp.Sends(OtlpSignal.Traces))
        {
            sdk.WithTracing(traces => traces
                .AddSource(WorkerName, ServiceMetrics.MeterName)
                .AddAspNetCoreInstrumentation()
                .AddOtlpExporter(options => otlp.Configure(OtlpSignal.Traces, options)));
        }

        if (otlp.Sends(OtlpSignal.Logs))
        {
            sdk.WithLogging(
                logs => logs.AddOtlpExporter(options => otlp.Configure(OtlpSignal.Logs, options)),
                logs => logs.IncludeFormattedMessage = true);
        }

        return services;
    }

    // By a function, since a view by name takes the engine for regular expressions into the binary.
    private static MetricStreamConfiguration? View(Instrument instrument) =>
        instrument.Name == "http.server.request.duration"
            ? new ExplicitBucketHistogramConfiguration { Boundaries = _requestDurationBuckets }
            : _dropped.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null;

    // The environment's detector comes last: what it finds wins.
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddTelemetrySdk()
        .AddService(ServiceName, serviceVersion: BuildInfo.Version)
        .AddAttributes([new("faas.name", ServiceName)])
        .AddEnvironmentVariableDetector();

    /// <summary>The SDK without the hosting package's own service, which would keep the host from starting where a part does not.</summary>
    private sealed class SdkBuilder(IServiceCollection services) : IOpenTelemetryBuilder
    {
        public IServiceCollection Services => services;
    }
}
