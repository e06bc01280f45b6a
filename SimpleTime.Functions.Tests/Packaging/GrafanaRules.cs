using System.Text.Json;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>What Grafana's container must find at its start. Grafana itself is not asked.</summary>
internal static partial class GrafanaRules
{
    private const string Provisioning = "etc/grafana/provisioning";

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    /// <param name="service">Grafana's part of the compose file.</param>
    /// <param name="files">The container's files.</param>
    public static IEnumerable<string> Problems(object service, TempFolder files)
    {
        var sources = Provisioned(files, "datasources").SelectMany(file => file.At("datasources").Items()).ToArray();
        var providers = Provisioned(files, "dashboards").SelectMany(file => file.At("providers").Items()).ToArray();
        if (sources is not [var source] || source.At("isDefault") is not "true" || source.At("url") is not "http://prometheus:9090")
        {
            yield return "Its one source is not Prometheus.";
            yield break;
        }

        if (providers is not [var provider] || provider.At("type") is not "file")
        {
            yield return "Nothing provides dashboards from files.";
            yield break;
        }

        var folder = files.Path + provider.At("options", "path");
        if (!Directory.Exists(folder) || Directory.GetFiles(folder, "*.json") is not [var file])
        {
            yield return $"There is no dashboard in {provider.At("options", "path")}.";
            yield break;
        }

        if (!File.Exists(files.Path + service.At("environment", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")))
        {
            yield return "The dashboard to begin with is not there.";
        }

        foreach (var problem in Dashboard(JsonElement.Parse(File.ReadAllText(file)), source))
        {
            yield return problem;
        }
    }

    // The dashboard names its source by a variable, which takes the default one of its type.
    private static IEnumerable<string> Dashboard(JsonElement dashboard, object source)
    {
        var variables = dashboard.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(variable => variable.GetProperty("type").GetString() == "datasource").ToArray();
        foreach (var variable in variables.Where(variable => variable.GetProperty("query").GetString() != (string)source.At("type")))
        {
            yield return $"The dashboard asks for a source of the type {variable.GetProperty("query")}.";
        }

        string[] known = [(string)source.At("uid"), .. variables.Select(variable => $"${{{variable.GetProperty("name").GetString()}}}")];
        var uids = DatasourceUid().Matches(dashboard.GetRawText()).Select(m => m.Groups[1].Value).Distinct().ToArray();
        foreach (var uid in uids.Except(known))
        {
            yield return $"The dashboard asks the source {uid}, which is not there.";
        }

        if (uids.Length == 0)
        {
            yield return "The dashboard asks nobody.";
        }
    }

    private static IEnumerable<object> Provisioned(TempFolder files, string kind) =>
        files.Combine($"{Provisioning}/{kind}") is var folder && Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.yaml").Select(file => Yaml.Parse(File.ReadAllText(file)))
            : [];

    [GeneratedRegex("""
        "datasource":\s*\{[^}]*?"uid":\s*"((?:[^"\\]|\\.)*)"
        """)]
    private static partial Regex DatasourceUid();
}
