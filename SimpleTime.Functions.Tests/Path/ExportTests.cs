using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>Which telemetry goes to which collector, and what a collector that hangs costs. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class ExportTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_collector_that_hangs_slows_neither_requests_nor_the_end()
    {
        // The system accepts, nobody reads.
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            broker.BootstrapServers, ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{hanging.LocalEndpoint}"), ("OTEL_BSP_SCHEDULE_DELAY", "50"), ("OTEL_METRIC_EXPORT_INTERVAL", "200")));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(20);
        await Eventually.BecomesTrueAsync(hanging.Pending, _deadline);

        var started = Stopwatch.GetTimestamp();
        await service.GetTimesAsync(200);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"200 requests took {Stopwatch.GetElapsedTime(started)}.");

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
    }

    [Theory]
    [InlineData("TRACES", true)]
    [InlineData("METRICS", false)]
    [InlineData("LOGS", false)]
    public async Task An_endpoint_for_one_signal_alone_sends_that_signal_alone(string signal, bool isGrpc)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc);
        var path = isGrpc ? "" : $"/v1/{signal.ToLowerInvariant()}";

        await RunAsync(
            () => collector.Spans.Count + collector.Metrics.Count + collector.Logs.Count > 0,
            ($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", collector.Address + path),
            ($"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", isGrpc ? "grpc" : "http/protobuf"));

        Assert.Equal(
            (signal == "TRACES", signal == "METRICS", signal == "LOGS"),
            (collector.Spans.Count > 0, collector.Metrics.Count > 0, collector.Logs.Count > 0));
    }

    [Fact]
    public async Task A_signal_whose_exporter_is_none_is_not_sent()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: false);

        await RunAsync(
            () => collector.Metrics.Count > 0,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_LOGS_EXPORTER", "none"));

        Assert.Equal((0, true, 0), (collector.Spans.Count, collector.Metrics.Count > 0, collector.Logs.Count));
    }

    // Until something was sent, and until its end, by when everything is.
    private static async Task RunAsync(Func<bool> isSent, params (string Name, string? Value)[] settings)
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1",
        [
            .. settings,
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ]));
        await service.GetTimesAsync(3);
        await Eventually.BecomesTrueAsync(isSent, _deadline);
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(_deadline));
    }
}
