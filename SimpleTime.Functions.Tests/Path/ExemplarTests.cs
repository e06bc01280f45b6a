using System.Diagnostics;
using System.Net.Http.Headers;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>Exemplars: the way from a latency to a request that had it. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class ExemplarTests
{
    private const string Latency = "http.server.request.duration";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("trace_based", true)]
    [InlineData(null, false)]
    public async Task A_latency_names_the_trace_of_a_request_where_that_is_switched_on(string? filter, bool isOn)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "127.0.0.1:1",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
            ("OTEL_METRICS_EXEMPLAR_FILTER", filter)));
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        using var response = await service.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();

        // An answer of the exporter serves whoever asks within 300 ms.
        await Eventually.BecomesTrueAsync(
            async () => (await MetricsAsync(service, "application/openmetrics-text")).Contains("http_route=\"/\"", StringComparison.Ordinal), _deadline);
        var exemplar = $$"""http_server_request_duration_seconds_bucket\{[^}]*http_route="/"[^}]*\} 1 # \{trace_id="{{trace}}",span_id="[0-9a-f]{16}"\} [0-9.E-]+ """;
        Assert.Equal(isOn, System.Text.RegularExpressions.Regex.IsMatch(await MetricsAsync(service, "application/openmetrics-text"), exemplar));
        Assert.DoesNotContain("# {", await MetricsAsync(service, "text/plain"), StringComparison.Ordinal);

        await Eventually.BecomesTrueAsync(() => collector.Metrics.Any(metric => metric.Name == Latency), _deadline);
        Assert.Equal(isOn, collector.Metrics.Any(metric => metric is { Name: Latency, HasExemplars: true }));
    }

    private static async Task<string> MetricsAsync(ServiceProcess service, string format)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(format));
        using var response = await service.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
