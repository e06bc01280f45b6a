using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Benchmarks.Servers;

/// <summary>A collector that takes OTLP by gRPC, as the service sends it where nothing else is set, and throws it away.</summary>
internal static class OtlpSink
{
    /// <summary>The argument that makes the program this server.</summary>
    public const string Mode = "otlp-sink";

    /// <summary>The line of input that asks how many exports of traces came.</summary>
    public const string Question = "traces?";

    /// <summary>The expression that its answer matches.</summary>
    public const string Answer = "^([0-9]+) exports of traces";

    /// <summary>Serves until its input ends.</summary>
    public static async Task RunAsync()
    {
        var traces = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        await using var app = builder.Build();
        app.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            if (http.Request.Path.Value?.Contains("TraceService", StringComparison.Ordinal) == true)
            {
                Interlocked.Increment(ref traces);
            }

            // An empty message: not compressed, of length 0.
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        await app.StartAsync();
        while (await Console.In.ReadLineAsync() is not null)
        {
            await Console.Out.WriteLineAsync($"{Volatile.Read(ref traces)} exports of traces");
        }
    }
}
