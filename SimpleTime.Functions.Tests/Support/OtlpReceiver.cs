using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// A collector: takes OTLP by gRPC or by HTTP and keeps what the tests ask for. The field numbers are those of
/// opentelemetry-proto. Safe for use by several threads.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int _maxBytes;
    private readonly ConcurrentQueue<Span> _spans = new();
    private readonly ConcurrentQueue<Metric> _metrics = new();
    private readonly ConcurrentQueue<LogRecord> _logs = new();
    private int _refused;

    private OtlpReceiver(WebApplication app, int maxBytes)
    {
        _app = app;
        _maxBytes = maxBytes;
    }

    /// <summary>The spans so far.</summary>
    public IReadOnlyCollection<Span> Spans => _spans;

    /// <summary>The metrics so far, each time that they came.</summary>
    public IReadOnlyCollection<Metric> Metrics => _metrics;

    /// <summary>The log records so far.</summary>
    public IReadOnlyCollection<LogRecord> Logs => _logs;

    /// <summary>How many exports were too large so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Its host and port.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <summary>Starts a receiver.</summary>
    /// <param name="isGrpc">Whether it takes gRPC; else HTTP.</param>
    /// <param name="maxBytes">What an export may have; a larger one is refused as a collector does.</param>
    public static async Task<OtlpReceiver> StartAsync(bool isGrpc, int maxBytes = int.MaxValue)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        var receiver = new OtlpReceiver(builder.Build(), maxBytes);
        receiver._app.Run(isGrpc ? receiver.TakeGrpcAsync : receiver.TakeHttpAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static Dictionary<string, string> Attributes(Protobuf message, int field) =>
        message.Messages(field).ToDictionary(attribute => attribute.Text(1), attribute => Value(attribute.Message(2)));

    private static string Value(Protobuf any) =>
        any.Has(1) ? any.Text(1)
        : any.Has(2) ? (any.Number(2) != 0 ? "true" : "false")
        : any.Has(4) ? BitConverter.Int64BitsToDouble(any.Number(4)).ToString(CultureInfo.InvariantCulture)
        : any.Number(3).ToString(CultureInfo.InvariantCulture);

    private async Task TakeHttpAsync(HttpContext http)
    {
        var body = await BodyAsync(http);
        if (IsTooLarge(body))
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        Take(http.Request.Path, body);
        http.Response.ContentType = "application/x-protobuf";
    }

    private async Task TakeGrpcAsync(HttpContext http)
    {
        // A byte that says whether it is compressed and four of length stand before the message.
        var body = (await BodyAsync(http))[5..];
        http.Response.ContentType = "application/grpc";
        if (IsTooLarge(body))
        {
            http.Response.Headers["grpc-status"] = "8";
            http.Response.Headers["grpc-message"] = $"grpc: received message larger than max ({body.Length} vs. {_maxBytes})";
            return;
        }

        Take(http.Request.Path, body);
        await http.Response.Body.WriteAsync(new byte[5]);
        http.Response.AppendTrailer("grpc-status", "0");
    }

    private bool IsTooLarge(ReadOnlyMemory<byte> body)
    {
        if (body.Length <= _maxBytes)
        {
            return false;
        }

        Interlocked.Increment(ref _refused);
        return true;
    }

    private void Take(PathString path, ReadOnlyMemory<byte> body)
    {
        foreach (var part in new Protobuf(body).Messages(1))
        {
            var resource = Attributes(part.Message(1), 1);
            foreach (var item in part.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                switch (path.Value)
                {
                    case "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                        _spans.Enqueue(new(
                            item.Hex(1),
                            item.Hex(2),
                            item.Hex(4),
                            item.Text(5),
                            (SpanKind)item.Number(6),
                            item.Message(15).Number(3) == 2,
                            item.Message(15).Text(2),
                            Attributes(item, 9),
                            [.. item.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))],
                            resource));
                        break;
                    case "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
                        _metrics.Enqueue(new(item.Text(1), item.Message(9).Messages(1).Any(point => point.Has(8)), resource));
                        break;
                    case "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                        _logs.Enqueue(new(Value(item.Message(5)), item.Hex(9), resource));
                        break;
                }
            }
        }
    }

    internal enum SpanKind
    {
        Internal = 1,
        Server = 2,
        Client = 3,
        Producer = 4,
        Consumer = 5,
    }

    internal sealed record Span(
        string TraceId,
        string Id,
        string ParentId,
        string Name,
        SpanKind Kind,
        bool IsError,
        string Description,
        IReadOnlyDictionary<string, string> Attributes,
        IReadOnlyList<(string TraceId, string SpanId)> Links,
        IReadOnlyDictionary<string, string> Resource);

    internal sealed record Metric(string Name, bool HasExemplars, IReadOnlyDictionary<string, string> Resource);

    internal sealed record LogRecord(string Text, string TraceId, IReadOnlyDictionary<string, string> Resource);
}
