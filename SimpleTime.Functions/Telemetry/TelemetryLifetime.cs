using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Telemetry;

/// <summary>
/// Starts telemetry, each part for itself: what does not start is logged, and the service runs without it. Ends it in bounded time, with
/// what is still to be sent.
/// </summary>
internal sealed partial class TelemetryLifetime(
    IServiceProvider services, OtlpSettings settings, SdkEvents events, TimeProvider time, ILogger<TelemetryLifetime> logger) : IHostedService
{
    // Of the 15 s that a shutdown may take; a collector that hangs has no more.
    private const int StopMilliseconds = 1_000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _metrics = Start<MeterProvider>("Metrics");
        _traces = Start<TracerProvider>("Tracing");
        services.GetRequiredService<StoreMetrics>().Begin();
        events.LogTo(logger, time);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => settings.IsEnabled
        ? Task.WhenAll(
            Task.Run(() => _traces?.Shutdown(StopMilliseconds), CancellationToken.None),
            Task.Run(() => _metrics?.Shutdown(StopMilliseconds), CancellationToken.None),
            Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(StopMilliseconds), CancellationToken.None))
        : Task.CompletedTask;

    private T? Start<T>(string part)
        where T : class
    {
        try
        {
            return services.GetService<T>();
        }
#pragma warning disable CA1031 // Whatever it is, the service runs without this part.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PartIsMissing(logger, part, SafeText.OneLine(exception.Message, 512));
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(402, LogLevel.Error, "{Part} could not be started, the service runs without it: {Reason}")]
        public static partial void PartIsMissing(ILogger logger, string part, string reason);
    }
}
