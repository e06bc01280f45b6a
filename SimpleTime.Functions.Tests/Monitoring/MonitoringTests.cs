using System.Text.Json;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Monitoring;

/// <summary>The alert rules and the dashboard of <c>monitoring/</c>, against what a running service really exposes.</summary>
public sealed partial class MonitoringTests : IAsyncLifetime
{
    // Of Prometheus itself, and of cAdvisor's and KEDA's metrics.
    private static readonly string[] _otherLabels = ["job", "instance", "le", "namespace", "pod", "__name__", "scaledObject"];

    private string _metrics = "";

    public async Task InitializeAsync()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(5);
        await Eventually.BecomesTrueAsync(async () =>
        {
            _metrics = await service.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            return _metrics.Contains("simple_time_store_transaction_duration_seconds_bucket", StringComparison.Ordinal)
                && _metrics.Contains("functions_kafka_trigger_lag{", StringComparison.Ordinal);
        });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("alerts.yaml", 8)]
    [InlineData("dashboard.json", 20)]
    public void Each_metric_and_label_that_is_asked_for_is_exposed(string file, int atLeast)
    {
        var text = Read(file);
        var expressions = file.EndsWith(".json", StringComparison.Ordinal)
            ? JsonElement.Parse(text).GetProperty("panels").EnumerateArray()
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!).ToArray()
            : [Templates().Replace(text, "")];

        var labels = expressions.SelectMany(e => Groupings().Matches(e).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)))
            .Concat(expressions.SelectMany(e => Matchers().Matches(e).Select(m => m.Groups[1].Value))).Distinct().Except(_otherLabels).ToArray();
        var names = expressions.SelectMany(e => Names().Matches(Selectors().Replace(Groupings().Replace(e, ""), "")).Select(m => m.Value)).Distinct().ToArray();

        Assert.True(names.Length >= atLeast, string.Join(' ', names));
        Assert.All(names, name => Assert.Matches($"(?m)^{name}[{{ ]", _metrics));
        Assert.All(labels, label => Assert.Contains(label + "=\"", _metrics, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_latency_on_the_dashboard_shows_exemplars()
    {
        var latencies = JsonElement.Parse(Read("dashboard.json")).GetProperty("panels").EnumerateArray()
            .Select(panel => panel.GetProperty("targets").EnumerateArray().Where(IsLatency).ToArray()).Where(targets => targets.Length > 0).ToArray();

        Assert.Equal(2, latencies.Length);
        Assert.All(latencies, targets => Assert.Single(targets, target => target.TryGetProperty("exemplar", out var shows) && shows.GetBoolean()));

        static bool IsLatency(JsonElement target) => target.GetProperty("expr").GetString()!.StartsWith("histogram_quantile", StringComparison.Ordinal);
    }

    [Fact]
    public void What_alerts_count_is_there_before_it_happens()
    {
        foreach (var name in (string[])["functions_kafka_output_dropped_total", "functions_kafka_output_rejected_total", "simple_time_store_dead_letters_total",
            "functions_http_connections_closed_total"])
        {
            Assert.Matches($"(?m)^{name}\\{{[^}}]*\\}} 0$", _metrics);
        }
    }

    [PromtoolFact]
    public async Task Promtool_accepts_the_metrics()
    {
        var (exitCode, output) = await Promtool.RunAsync(_metrics, "check", "metrics");

        Assert.True(exitCode == 0, output);
    }

    [PromtoolFact]
    public async Task Promtool_accepts_the_rules_and_their_tests_pass()
    {
        var (exitCode, output) = await Promtool.RunAsync("", "check", "rules", PathOf("alerts.yaml"));
        Assert.True(exitCode == 0, output);

        (exitCode, output) = await Promtool.RunAsync("", "test", "rules", PathOf("alerts.test.yaml"));
        Assert.True(exitCode == 0, output);
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "monitoring", file);

    private static string Read(string file) => File.ReadAllText(PathOf(file));

    [GeneratedRegex(@"\{\{.*?\}\}")]
    private static partial Regex Templates();

    [GeneratedRegex(@"\bby \(([a-z_, ]+)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Selectors();

    [GeneratedRegex(@"([a-zA-Z_]+)=~?""")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\b(?:http|faas|functions|messaging|simple_time|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex Names();
}
