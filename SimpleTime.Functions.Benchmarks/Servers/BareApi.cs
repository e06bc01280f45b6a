using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Benchmarks.Servers;

/// <summary>A minimal API that answers with bytes that it was given: what ASP.NET Core alone costs.</summary>
internal static class BareApi
{
    /// <summary>The argument that makes the program this server; the body in Base64 follows.</summary>
    public const string Mode = "bare-api";

    /// <summary>Serves until its input ends.</summary>
    /// <param name="body">The body, in Base64.</param>
    public static async Task RunAsync(string body)
    {
        var bytes = Convert.FromBase64String(body);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/", () => Results.Bytes(bytes, "application/json"));
        await app.StartAsync();
        await Console.In.ReadToEndAsync();
    }
}
