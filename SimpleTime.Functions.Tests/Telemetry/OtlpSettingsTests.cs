using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using SimpleTime.Functions.Telemetry;
using Xunit;

namespace SimpleTime.Functions.Tests.Telemetry;

public sealed class OtlpSettingsTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public void Without_an_endpoint_nothing_is_sent_and_nothing_is_said()
    {
        foreach (var none in (string?[])[null, "", "  "])
        {
            var (settings, _) = Read((Endpoint, none));

            Assert.False(settings.IsEnabled);
            Assert.Empty(settings.Problems);
        }
    }

    [Theory]
    [InlineData("collector:4317", "http://collector:4317")]
    [InlineData("collector", "http://collector")]
    [InlineData("[::1]:4317", "http://[::1]:4317")]
    [InlineData(" http://collector:4318/path ", "http://collector:4318/path")]
    [InlineData("https://collector", "https://collector")]
    public void An_endpoint_without_a_scheme_means_http(string value, string expected)
    {
        var (settings, configuration) = Read((Endpoint, value));

        Assert.True(settings.IsEnabled);
        Assert.Empty(settings.Problems);
        Assert.Equal(expected, configuration[Endpoint]);
    }

    [Theory]
    [InlineData("http://")]
    [InlineData("http://:80")]
    [InlineData("ftp://collector")]
    [InlineData("unix:///run/collector")]
    [InlineData("two words")]
    [InlineData("collector:port")]
    public void An_endpoint_that_is_none_is_told_and_nothing_is_sent(string value)
    {
        var (settings, _) = Read((Endpoint, value));

        Assert.False(settings.IsEnabled);
        Assert.Contains(Endpoint, Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://user:a-secret@collector:4318")]
    [InlineData("htps://user:a-secret@collector:4318")]
    public void An_endpoint_with_a_user_in_it_is_refused_and_not_shown(string value)
    {
        var (settings, _) = Read((Endpoint, value));

        Assert.False(settings.IsEnabled);
        Assert.DoesNotContain("a-secret", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "GRPC!")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "ftp://x")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "lz4")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "0")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "-1")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "99999999999")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "65537")]
    [InlineData("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "2147483647")]
    [InlineData("OTEL_BLRP_SCHEDULE_DELAY", "soon")]
    [InlineData("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0")]
    [InlineData("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "long")]
    [InlineData("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1")]
    public void A_value_that_the_SDK_would_stumble_over_is_told_and_taken_away(string name, string value)
    {
        var (settings, configuration) = Read((Endpoint, "collector:4317"), (name, value));

        Assert.True(settings.IsEnabled);
        Assert.Contains(name, Assert.Single(settings.Problems), StringComparison.Ordinal);
        Assert.Equal(Read((Endpoint, "collector:4317")).Configuration[name], configuration[name]);
    }

    [Theory]
    [InlineData("OTEL_BSP", null, null, "2048", "100", 0)]
    [InlineData("OTEL_BSP", "10", null, "10", "10", 0)]
    [InlineData("OTEL_BSP", null, "3000", "3000", "3000", 0)]
    [InlineData("OTEL_BSP", "10", "20", "10", "10", 1)]
    [InlineData("OTEL_BSP", "4096", "1024", "4096", "1024", 0)]
    [InlineData("OTEL_BLRP", null, null, "2048", "512", 0)]
    [InlineData("OTEL_BLRP", "1", "2", "1", "1", 1)]
    public void A_batch_is_never_larger_than_its_queue(string signal, string? queue, string? batch, string expectedQueue, string expectedBatch, int problems)
    {
        var (settings, configuration) = Read(
            (Endpoint, "collector:4317"), (signal + "_MAX_QUEUE_SIZE", queue), (signal + "_MAX_EXPORT_BATCH_SIZE", batch));

        Assert.Equal(problems, settings.Problems.Count);
        Assert.Equal(expectedQueue, configuration[signal + "_MAX_QUEUE_SIZE"]);
        Assert.Equal(expectedBatch, configuration[signal + "_MAX_EXPORT_BATCH_SIZE"]);
    }

    [Theory]
    [InlineData(null, null, null, "1024", "16384")]
    [InlineData("500", null, null, "500", null)]
    [InlineData(null, "500", null, null, "16384")]
    [InlineData(null, null, "500", "1024", "500")]
    public void Values_have_a_length_that_a_collector_takes(string? length, string? spanLength, string? logLength, string? expected, string? expectedOfLogs)
    {
        var (_, configuration) = Read(
            (Endpoint, "collector:4317"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", length),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", spanLength),
            ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", logLength));

        Assert.Equal(
            (expected, spanLength, expectedOfLogs),
            (configuration["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"], configuration["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"], configuration["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT"]));
    }

    [Theory]
    [InlineData("a-secret-without-name")]
    [InlineData("authorization=user:a-secret")]
    public void Headers_that_the_exporter_does_not_take_switch_it_off_and_are_not_shown(string headers)
    {
        var (settings, _) = Read((Endpoint, "collector:4317"), ("OTEL_EXPORTER_OTLP_HEADERS", headers));

        Assert.False(settings.IsEnabled);
        var problem = Assert.Single(settings.Problems);
        Assert.Contains("OTEL_EXPORTER_OTLP_", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_switched_off_SDK_sends_nothing()
    {
        var (settings, _) = Read((Endpoint, "collector:4317"), ("OTEL_SDK_DISABLED", "TRUE"));

        Assert.False(settings.IsEnabled);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("TRACES")]
    [InlineData("METRICS")]
    [InlineData("LOGS")]
    public void An_endpoint_of_one_signal_sends_that_one(string signal)
    {
        var (settings, configuration) = Read(($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "collector:4317"));

        Assert.Equal([signal.ToLowerInvariant()], Sent(settings));
        Assert.Empty(settings.Problems);
        Assert.Equal("http://collector:4317", configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
    }

    [Fact]
    public void A_wrong_endpoint_costs_only_what_has_no_other()
    {
        var (settings, _) = Read((Endpoint, "ftp://x"), ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector:4317"));
        Assert.Equal(["logs"], Sent(settings));
        Assert.Contains(Endpoint, Assert.Single(settings.Problems), StringComparison.Ordinal);

        (settings, _) = Read(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://x"));
        Assert.Empty(Sent(settings));
        Assert.Contains("no traces are sent", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", "none", "metrics,logs")]
    [InlineData("OTEL_METRICS_EXPORTER", "None", "traces,logs")]
    [InlineData("OTEL_METRICS_EXPORTER", "prometheus", "traces,logs")]
    [InlineData("OTEL_METRICS_EXPORTER", "otlp, prometheus", "traces,metrics,logs")]
    [InlineData("OTEL_LOGS_EXPORTER", "otlp", "traces,metrics,logs")]
    public void An_exporter_chooses_whether_a_signal_is_sent(string name, string value, string sent)
    {
        var (settings, _) = Read((Endpoint, "collector:4317"), (name, value));

        Assert.Equal(sent, string.Join(',', Sent(settings)));
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin")]
    [InlineData("OTEL_LOGS_EXPORTER", "prometheus")]
    public void An_exporter_that_there_is_not_is_told_and_the_default_used(string name, string value)
    {
        var (settings, _) = Read((Endpoint, "collector:4317"), (name, value));

        Assert.Equal(3, Sent(settings).Count());
        Assert.Contains(name, Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exporter_without_an_endpoint_is_told_and_sends_nothing()
    {
        var (settings, _) = Read(("OTEL_TRACES_EXPORTER", "otlp"));

        Assert.False(settings.IsEnabled);
        Assert.Contains("OTEL_TRACES_EXPORTER", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_takes_what_is_set_for_it_and_leaves_the_rest_as_it_is()
    {
        var (settings, _) = Read(
            (Endpoint, "collector:4317"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "other:4318/v1/traces"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "123"),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"));
        var traces = new OtlpExporterOptions();
        var metrics = new OtlpExporterOptions { Headers = "c=d", TimeoutMilliseconds = 7 };

        settings.Configure(OtlpSignal.Traces, traces);
        settings.Configure(OtlpSignal.Metrics, metrics);

        Assert.Equal(
            ("http://other:4318/v1/traces", OtlpExportProtocol.HttpProtobuf, "a=b", 123, OtlpExportCompression.GZip),
            (traces.Endpoint.ToString(), traces.Protocol, traces.Headers, traces.TimeoutMilliseconds, traces.Compression));
        Assert.Equal(
            (OtlpExportProtocol.Grpc, "c=d", 7, OtlpExportCompression.None),
            (metrics.Protocol, metrics.Headers, metrics.TimeoutMilliseconds, metrics.Compression));
    }

    private static IEnumerable<string> Sent(OtlpSettings settings) => OtlpSignal.All.Where(settings.Sends).Select(signal => $"{signal}");

    private static (OtlpSettings Settings, IConfiguration Configuration) Read(params (string Name, string? Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>(value.Name, value.Value))).Build();
        return (OtlpSettings.From(configuration), configuration);
    }
}
