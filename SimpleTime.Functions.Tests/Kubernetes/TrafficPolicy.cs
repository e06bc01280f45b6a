using k8s.Models;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What comes in from outside, what goes out, and where data lies.</summary>
internal static class TrafficPolicy
{
    private const string Alb = "alb.ingress.kubernetes.io/";

    private static readonly string[] _publicPaths = ["/", "/healthz"];

    private static readonly Dictionary<string, string> _annotations = new()
    {
        ["target-type"] = "ip",
        ["listen-ports"] = """[{"HTTP": 80}, {"HTTPS": 443}]""",
        ["ssl-redirect"] = "443",
        ["healthcheck-path"] = "/readyz",
        ["healthcheck-interval-seconds"] = "15",
        ["success-codes"] = "200",
        ["load-balancer-attributes"] = "idle_timeout.timeout_seconds=60,routing.http.drop_invalid_header_fields.enabled=true",
        ["target-group-attributes"] = "deregistration_delay.timeout_seconds=30",
    };

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IReadOnlyList<string> Violations(Rendering rendering) =>
        [.. rendering.Manifests.SelectMany(m => m.IsCustom ? [] : OfOne(m)), .. Namespaces(rendering), .. Network(rendering), .. Claims(rendering)];

    private static IEnumerable<string> OfOne(Manifest manifest)
    {
        switch (manifest.Read())
        {
            case V1Ingress ingress:
                if (ingress.Spec.IngressClassName != "alb" || ingress.Spec.DefaultBackend is not null)
                {
                    yield return "the ingress is not the load balancer's, or sends on what no path names";
                }

                foreach (var path in ingress.Spec.Rules.SelectMany(rule => rule.Http.Paths))
                {
                    if (path.PathType != "Exact" || !_publicPaths.Contains(path.Path))
                    {
                        yield return $"the ingress publishes more than / and /healthz: {path.PathType} {path.Path}";
                    }
                }

                foreach (var (name, value) in _annotations)
                {
                    if (!ingress.Metadata.Annotations.TryGetValue(Alb + name, out var set) || set != value)
                    {
                        yield return $"the ingress's {name} is not {value}";
                    }
                }

                foreach (var name in (string[])["scheme", "certificate-arn", "ssl-policy"])
                {
                    if (!ingress.Metadata.Annotations.ContainsKey(Alb + name))
                    {
                        yield return $"the ingress has no {name}";
                    }
                }

                break;

            case V1Namespace space when space.Metadata.Labels["pod-security.kubernetes.io/enforce"] != "restricted":
                yield return "the namespace admits pods that are not restricted";
                break;

            case V1Secret secret:
                yield return $"the secret {secret.Metadata.Name} is in the manifests";
                break;
        }
    }

    private static IEnumerable<string> Namespaces(Rendering rendering) => rendering.Manifests
        .Where(m => m.Kind is not ("Namespace" or "StorageClass") && m.Namespace != (m.Kind == "KafkaTopic" ? "kafka" : "simple-time"))
        .Select(m => $"{m.Kind} {m.Name} is in the namespace {m.Namespace ?? "of whoever applies it"}");

    private static IEnumerable<string> Network(Rendering rendering)
    {
        var policies = rendering.Manifests.Where(m => m.Kind == "NetworkPolicy").Select(m => (V1NetworkPolicy)m.Read()).ToArray();
        if (!policies.Any(p => p.Spec.PodSelector.MatchLabels is null && p.Spec.PolicyTypes.Contains("Ingress")
            && p.Spec.PolicyTypes.Contains("Egress") && p.Spec.Ingress is null))
        {
            yield return "no network policy closes the namespace";
        }

        foreach (var policy in policies)
        {
            var rules = (policy.Spec.Ingress ?? []).Select(rule => (Peers: rule.FromProperty, rule.Ports))
                .Concat((policy.Spec.Egress ?? []).Select(rule => (Peers: rule.To, rule.Ports)));
            if (rules.Any(rule => rule.Peers is null or [] || rule.Ports is null or []))
            {
                yield return $"the network policy {policy.Metadata.Name} names no peer or no port";
            }
        }
    }

    private static IEnumerable<string> Claims(Rendering rendering)
    {
        foreach (var set in rendering.Workloads.Where(m => m.Kind == "StatefulSet").Select(m => (V1StatefulSet)m.Read()))
        {
            if (set.Spec.PersistentVolumeClaimRetentionPolicy is not { WhenScaled: "Retain", WhenDeleted: "Retain" })
            {
                yield return $"{set.Metadata.Name} loses its volume when it is scaled down or deleted";
            }

            foreach (var claim in set.Spec.VolumeClaimTemplates)
            {
                var storage = rendering.Manifests.Where(m => m.Kind == "StorageClass").Select(m => (V1StorageClass)m.Read())
                    .SingleOrDefault(s => s.Metadata.Name == claim.Spec.StorageClassName);
                if (claim.Spec.AccessModes is not ["ReadWriteOncePod"]
                    || storage is not { VolumeBindingMode: "WaitForFirstConsumer", ReclaimPolicy: "Retain" } || storage.Parameters["type"] != "gp3")
                {
                    yield return $"the volume {claim.Metadata.Name} of {set.Metadata.Name} is not one pod's own gp3 volume";
                }
            }
        }
    }
}
