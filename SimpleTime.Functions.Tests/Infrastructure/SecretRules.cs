using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Packaging;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>Where passwords and keys come from.</summary>
internal static partial class SecretRules
{
    /// <summary>Secrets that operators make: Elastic's its certificate, Strimzi the rest.</summary>
    private static readonly string[] _made = ["simple-time-es-http-certs-public"];

    private static readonly string[] _create = ["create_doc", "auto_configure"];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IEnumerable<string> Violations(ArgoCluster cluster)
    {
        var secrets = cluster.Manifests.Where(m => m.Kind == "ExternalSecret").ToArray();
        var stores = cluster.Manifests.Where(m => m.Kind == "ClusterSecretStore").ToDictionary(m => m.Name, m => Yaml.Parse(m.Text));
        foreach (var secret in secrets)
        {
            var conditions = stores.GetValueOrDefault(secret["spec", "secretStoreRef", "name"]!).At("spec", "conditions").Items();
            if (!conditions.Any(one => one.At("namespaces").Items().Contains(secret.Namespace!)))
            {
                yield return $"{secret.Namespace}/{secret.Name} has no store that is for its namespace";
            }
        }

        foreach (var name in Used().Matches(cluster.Text).Select(m => m.Groups[1].Value + m.Groups[2].Value).Distinct()
            .Except([.. secrets.Select(m => m.Name), .. cluster.Manifests.Where(m => m.Kind == "Secret").Select(m => m.Name), .. _made]))
        {
            yield return $"nothing makes the secret {name}";
        }

        // What a store reads of another namespace, and nothing else of it.
        foreach (var (name, store) in stores.Where(s => s.Value.At("spec", "provider", "kubernetes") is not ""))
        {
            var space = (string)store.At("spec", "provider", "kubernetes", "remoteNamespace");
            var read = secrets.Where(m => m["spec", "secretStoreRef", "name"] == name).Select(m => m["spec", "data", "0", "remoteRef", "key"]!).Distinct().Order().ToArray();
            var role = cluster.Manifests.SingleOrDefault(m => m.Kind == "Role" && m.Namespace == space);
            var rules = role is null ? [] : Yaml.Parse(role.Text).At("rules").Items();
            if (read.Length > 0 && (rules is not [var rule] || !rule.At("verbs").Items().SequenceEqual(["get"])
                || !rule.At("resourceNames").Items().Cast<string>().Order().SequenceEqual(read)))
            {
                yield return $"the store {name} may read others, or not all, of what is taken from it";
            }
        }

        foreach (var secret in cluster.Manifests.Where(m => m.Kind == "Secret" && m.Name != "elasticsearch-roles"))
        {
            yield return $"the secret {secret.Name} is in Git";
        }

        if (cluster.Applications.Single(a => a.Chart == "kube-prometheus-stack").Values.At("grafana", "admin", "existingSecret") is "")
        {
            yield return "Grafana's password is another after each rendering";
        }
    }

    /// <summary>What is wrong with Elasticsearch's roles: a sentence each, empty when nothing is.</summary>
    /// <param name="roles">roles.yml.</param>
    public static IEnumerable<string> RoleViolations(string roles)
    {
        var collector = Yaml.Parse(roles).At("collector");
        if (collector.At("cluster") is not "" || collector.At("indices").Items().SelectMany(one => one.At("privileges").Items()).Except(_create).Any())
        {
            yield return "collectors may do more than create";
        }

        if (collector.At("indices").Items().SelectMany(one => one.At("names").Items()).Any(name => ((string)name).Contains('*', StringComparison.Ordinal)))
        {
            yield return "collectors write to other data streams than those that are kept for 14 days";
        }
    }

    /// <summary>The properties that are read of Secrets Manager.</summary>
    public static IEnumerable<string> Properties(ArgoCluster cluster) => cluster.Manifests
        .Where(m => m.Kind == "ExternalSecret" && m["spec", "secretStoreRef", "name"] == "aws")
        .Select(m => m["spec", "data", "0", "remoteRef", "property"]!).Distinct();

    [GeneratedRegex(@"(?:secretName|existingSecret): ([a-z-]+)|secretKeyRef:\s+(?:key: \w+\s+)?name: ([a-z-]+)")]
    private static partial Regex Used();
}
