using SimpleTime.Functions.Tests.Monitoring;
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
