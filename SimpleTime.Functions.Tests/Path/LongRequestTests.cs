using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>What a collector gets of requests that are as long as the server takes them. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class LongRequestTests
{
    private const int Requests = 400;

    // What a collector takes by gRPC unless it is set.
    private const int CollectorLimit = 4 << 20;

    // 8 KiB of a request line, 32 KiB of headers; the value of each parameter becomes "Redacted".
    private static readonly string _query = string.Concat(Enumerable.Repeat("a=&", 2_600));
    private static readonly string _agent = new('a', 23_000);
    private static readonly string _traceState = string.Join(',', Enumerable.Range(0, 32).Select(member => $"member{member}={new string('v', 250)}"));

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true, null, 1024)]
    [InlineData(false, "2000", 2000)]
    public async Task Long_requests_keep_no_trace_from_a_collector(bool isGrpc, string? limit, int length)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc, CollectorLimit);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "127.0.0.1:1",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", isGrpc ? "grpc" : "http/protobuf"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", limit)));
        var callers = new ActivityContext[Requests];
        for (var i = 0; i < Requests; i++)
        {
            callers[i] = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
            await (i % 10 == 0 ? GetAsync(service, callers[i], "/") : GetAsync(service, callers[i], $"/nowhere?{_query}", _agent, _traceState));
        }

        await Eventually.EqualsAsync(
            (0, 0),
            () => (
                callers.Select(caller => caller.TraceId.ToString())
                    .Except(collector.Spans.Where(span => span.Kind == OtlpReceiver.SpanKind.Server).Select(span => span.TraceId)).Count(),
                collector.Refused),
            _deadline);
        Assert.Equal(length, collector.Spans.Max(span => span.Attributes.Values.Max(value => value.Length)));
    }

    private static async Task GetAsync(ServiceProcess service, ActivityContext caller, string path, string? agent = null, string? traceState = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{caller.TraceId}-{caller.SpanId}-01");
        request.Headers.Add("tracestate", traceState);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var response = await service.Client.SendAsync(request);
        Assert.Equal(path == "/" ? HttpStatusCode.OK : HttpStatusCode.NotFound, response.StatusCode);
    }
}
