using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Telemetry;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class MetricsTests
{
    [Fact]
    public async Task Answers_with_what_was_counted_as_Prometheus_text()
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddTelemetry(new ConfigurationManager()).BuildServiceProvider();
        services.GetRequiredService<MeterProvider>();
        services.GetRequiredService<StoreMetrics>().Persisted(new PersistSummary { HttpRequests = 3, DeadLetters = 2, Duplicates = 1 }, TimeSpan.FromMilliseconds(3));

        var text = await Scrape(services);

        // Other tests' meters of the same name count here as well.
        Assert.Matches("""simple_time_store_rows_written_total\{[^}]*table="http_requests"[^}]*\} [1-9]""", text);
        Assert.Matches("""simple_time_store_dead_letters_total\{[^}]*\} [1-9]""", text);
        Assert.Matches("""simple_time_store_duplicates_total\{[^}]*\} [1-9]""", text);
    }

    [Fact]
    public async Task Request_durations_have_finer_buckets_in_front_of_those_of_the_semantic_conventions()
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddTelemetry(new ConfigurationManager()).BuildServiceProvider();
        services.GetRequiredService<MeterProvider>();
        var meter = services.GetRequiredService<IMeterFactory>().Create("Microsoft.AspNetCore.Hosting");
        meter.CreateHistogram<double>("http.server.request.duration", "s").Record(0.003, new KeyValuePair<string, object?>("http.route", "/of-this-test"));

        var text = await Scrape(services);

        string[] buckets = ["0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5", "5", "7.5", "10", "+Inf"];
        Assert.Equal(buckets, Regex.Matches(text, "_bucket{.*of-this-test.*le=\"(.*?)\"").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Metrics_that_cannot_be_started_are_told_and_answered_with_503()
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddTelemetry(new ConfigurationManager())
            .ConfigureOpenTelemetryMeterProvider((_, _) => throw new InvalidOperationException("No metrics today."))
            .BuildServiceProvider();
        using var lines = new LogLines();
        using var loggers = new LoggerFactory([lines]);
        var lifetime = new TelemetryLifetime(
            services,
            services.GetRequiredService<OtlpSettings>(),
            services.GetRequiredService<SdkEvents>(),
            TimeProvider.System,
            loggers.CreateLogger<TelemetryLifetime>());

        await lifetime.StartAsync(CancellationToken.None);
        await lifetime.StopAsync(CancellationToken.None);

        Assert.Equal("Metrics could not be started, the service runs without it: No metrics today.", Assert.Single(lines.All).Text);
        var http = new DefaultHttpContext { RequestServices = services };
        http.Response.Body = new MemoryStream();
        await new Metrics(new PrometheusEndpoint(services)).Run(http.Request).ExecuteAsync(http);
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, http.Response.StatusCode);
    }

    private static async Task<string> Scrape(IServiceProvider services)
    {
        var http = new DefaultHttpContext { RequestServices = services };
        http.Request.Method = "GET";
        http.Request.Path = "/metrics";
        var body = await new Metrics(services.GetRequiredService<PrometheusEndpoint>()).Run(http.Request).BodyAsync(http);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode);
        Assert.StartsWith("text/plain", http.Response.ContentType, StringComparison.Ordinal);
        return Encoding.UTF8.GetString(body);
    }
}
