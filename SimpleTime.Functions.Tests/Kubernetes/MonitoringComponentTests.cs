using SimpleTime.Functions.Tests.Monitoring;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The component <c>monitoring</c> gives the cluster what <c>monitoring/</c> holds.</summary>
public sealed class MonitoringComponentTests
{
    [Fact]
    public void The_rule_has_the_groups_of_the_alerts_word_for_word()
    {
        var rule = File.ReadAllText(Kubectl.PathOf("components/monitoring/prometheus-rule.yaml"));

        Assert.EndsWith("\nspec:\n" + Indented(Groups()), rule, StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task The_dashboard_is_the_one_of_the_repository()
    {
        var rendering = await Rendering.OfAsync("overlays/sqlite monitoring");
        var dashboard = (k8s.Models.V1ConfigMap)rendering.One("ConfigMap", "simple-time-dashboard").Read();

        Assert.Equal(await File.ReadAllTextAsync(PathOf("dashboard.json")), dashboard.Data["dashboard.json"]);
        Assert.Equal("1", dashboard.Metadata.Labels["grafana_dashboard"]);
    }

    [Fact]
    public void Series_that_tell_when_counters_began_are_not_kept()
    {
        var scrape = Yaml.Parse(Repository.Read("compose/prometheus.yml")).At("scrape_configs").Items()[0];
        var endpoint = Yaml.Parse(File.ReadAllText(Kubectl.PathOf("components/monitoring/service-monitor.yaml"))).At("spec", "endpoints").Items()[0];

        Assert.Equal((".+_created", "drop"), Rule(scrape.At("metric_relabel_configs")));
        Assert.Equal((".+_created", "drop"), Rule(endpoint.At("metricRelabelings")));

        static (string, string) Rule(object rules)
        {
            var rule = Assert.Single(rules.Items());
            return ((string)rule.At("regex"), (string)rule.At("action"));
        }
    }

    [KubectlFact]
    public async Task Each_environment_is_a_job()
    {
        var monitor = (await Rendering.OfAsync("overlays/sqlite monitoring")).One("ServiceMonitor", "simple-time");

        Assert.Equal("job", monitor["spec", "endpoints", "0", "relabelings", "0", "targetLabel"]);
        Assert.Equal("__meta_kubernetes_namespace", monitor["spec", "endpoints", "0", "relabelings", "0", "sourceLabels", "0"]);
    }

    [PromtoolFact]
    public async Task Promtool_accepts_the_rule_and_finds_a_mistake_in_it()
    {
        using var folder = new TempFolder();
        var file = folder.Combine("rules.yaml");
        await File.WriteAllTextAsync(file, Groups());
        Assert.Equal(0, (await Promtool.RunAsync("", "check", "rules", file)).ExitCode);

        await File.WriteAllTextAsync(file, Groups().Replace("absent(", "absent((", StringComparison.Ordinal));
        var (exitCode, output) = await Promtool.RunAsync("", "check", "rules", file);

        Assert.True(exitCode != 0, output);
    }

    private static string Groups()
    {
        var alerts = File.ReadAllText(PathOf("alerts.yaml"));
        return alerts[alerts.IndexOf("groups:", StringComparison.Ordinal)..];
    }

    private static string Indented(string text) => string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : "  " + line));

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "monitoring", file);
}
