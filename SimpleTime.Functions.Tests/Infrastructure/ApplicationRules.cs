using SimpleTime.Functions.Tests.Packaging;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>How Applications come to be what Git says, in whatever order they are made.</summary>
internal static class ApplicationRules
{
    /// <summary>Namespaces that are there before <c>gitops/</c>.</summary>
    private static readonly string[] _given = ["argocd", "kube-system"];

    private static readonly string[] _options = ["ServerSideApply=true", "SkipDryRunOnMissingResource=true"];

    /// <summary>The namespaces that the cluster has.</summary>
    public static IReadOnlyList<string> Namespaces(ArgoCluster cluster) =>
        [.. _given, .. cluster.Manifests.Where(m => m.Kind == "Namespace").Select(m => m.Name)];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IEnumerable<string> Violations(ArgoCluster cluster)
    {
        var namespaces = Namespaces(cluster);
        var projects = cluster.Manifests.Where(m => m.Kind == "AppProject").Select(m => m.Name).Append("default").ToArray();
        foreach (var application in cluster.Applications)
        {
            var options = application.Sync("syncOptions").Items();
            if (application.Sync("automated", "prune") is not "true" || application.Sync("automated", "selfHeal") is not "true")
            {
                yield return $"{application.Name} does not follow Git";
            }

            // Applications have no order: one that comes before the definitions it needs goes on until they are there.
            if (application.Sync("retry", "limit") is not "-1" || _options.Except(options.Cast<string>()).Any())
            {
                yield return $"{application.Name} gives up before what it needs is there";
            }

            if (application.Server != "https://kubernetes.default.svc" || !namespaces.Contains(application.Namespace))
            {
                yield return $"{application.Name} goes to {application.Namespace}, which nothing makes";
            }

            if (!projects.Contains(application.Project))
            {
                yield return $"{application.Name} is of a project that is not there";
            }

            foreach (var source in application.Sources.Where(s => s.At("targetRevision") is not string { Length: > 0 } or "HEAD" || ((string)s.At("targetRevision")).Contains('*', StringComparison.Ordinal)))
            {
                yield return $"{application.Name} is not pinned";
            }
        }

        foreach (var name in cluster.Applications.GroupBy(a => a.Name).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            yield return $"two Applications are called {name}";
        }

        foreach (var manifest in cluster.Manifests.Where(m => m.Namespace is not null && !namespaces.Contains(m.Namespace)))
        {
            yield return $"{manifest.Kind} {manifest.Name} is in {manifest.Namespace}, which nothing makes";
        }
    }
}
