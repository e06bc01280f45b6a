using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Http;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>A key of host.json is read or told.</summary>
public sealed class HostKeysTests
{
    [Theory]
    [InlineData("aggregator:batchSize")]
    [InlineData("concurrency:dynamicConcurrencyEnabled")]
    [InlineData("customHandler:description:defaultExecutablePath")]
    [InlineData("extensionBundle:id")]
    [InlineData("healthMonitor:enabled")]
    [InlineData("managedDependency:enabled")]
    [InlineData("retry:strategy")]
    [InlineData("sendCanceledInvocationsToWorker")]
    [InlineData("singleton:lockPeriod")]
    [InlineData("telemetryMode")]
    [InlineData("watchDirectories:0")]
    [InlineData("watchFiles:0")]
    [InlineData("colour")]
    [InlineData("version")]
    [InlineData("extensions:queues:batchSize")]
    [InlineData("extensions:http:maxOutstandingRequests")]
    [InlineData("extensions:http:maxConcurrentRequests")]
    [InlineData("extensions:http:dynamicThrottlesEnabled")]
    [InlineData("extensions:http:hsts:age")]
    [InlineData("extensions:http:customHeaders:Content-Length")]
    [InlineData("extensions:http:customHeaders:not a name")]
    [InlineData("extensions:http:customHeaders:X-List:0")]
    [InlineData("extensions:kafka:executorChannelCapacity")]
    [InlineData("logging:applicationInsights:samplingSettings:isEnabled")]
    [InlineData("logging:fileLoggingMode")]
    [InlineData("logging:console:isEnabled")]
    [InlineData("logging:levels:default")]
    public void What_does_nothing_is_one_line_that_names_it(string key)
    {
        var named = Assert.Single(Notices((key, "true"))).Split("AzureFunctionsJobHost:")[1].Split(" is ")[0];

        Assert.StartsWith(named, key, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_is_read_is_not_told() => Assert.Empty(Notices(
        ("$schema", "https://json.schemastore.org/host.json"), ("version", "2.0"), ("functions:0", "Time"), ("functionTimeout", "00:01:00"),
        ("extensions:http:routePrefix", ""), ("extensions:http:customHeaders:X-Frame-Options", "DENY"), ("extensions:http:hsts:isEnabled", "true"),
        ("extensions:http:hsts:maxAge", "10"), ("extensions:http:hsts:includeSubDomains", "true"), ("extensions:http:hsts:preload", "true"),
        ("extensions:http:hsts:excludedHosts:0", "example.com"), ("extensions:kafka:maxBatchSize", "7"), ("logging:logLevel:default", "Warning"),
        ("logging:OpenTelemetry:logLevel:default", "Warning"), ("logging:console:formatterName", "json"), ("logging:console:formatterOptions:includeScopes", "true"),
        ("logging:console:logLevel:default", "Warning")));

    private static IReadOnlyList<string> Notices(params (string Key, string Value)[] settings)
    {
        var notices = new StartupNotices();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"AzureFunctionsJobHost:{s.Key}", (string?)s.Value))).Build();
        var reader = new SettingReader(configuration, notices);
        HostSettings.Read(reader);
        ResponseHeaders.Read(reader);
        KafkaSettings.Read(reader, configuration, notices);
        return notices.Lines;
    }
}
