using k8s.Models;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What comes in from outside, what goes out, and where data lies.</summary>
internal static class TrafficPolicy
{
    /// <summary>The class that the platform has for the volumes.</summary>
    public const string StorageClass = "simple-time-gp3";

    private const string Alb = "alb.ingress.kubernetes.io/";

    private static readonly string[] _publicPaths = ["/", "/healthz"];

    private static readonly Dictionary<string, string> _annotations = new()
    {
        ["target-type"] = "ip",
        ["healthcheck-path"] = "/readyz",
        ["healthcheck-interval-seconds"] = "15",
        ["success-codes"] = "200",
        ["load-balancer-attributes"] = "idle_timeout.timeout_seconds=60,routing.http.drop_invalid_header_fields.enabled=true",
        ["target-group-attributes"] = "deregistration_delay.timeout_seconds=30",
    };

    // What goes out in clear text goes to known addresses.
    private static readonly Dictionary<string, string> _http = new()
    {
        ["listen-ports"] = """[{"HTTP": 80}]""",
        ["inbound-cidrs"] = "10.0.0.0/16",
    };

    private static readonly Dictionary<string, string> _https = new()
    {
        ["listen-ports"] = """[{"HTTP": 80}, {"HTTPS": 443}]""",
        ["ssl-redirect"] = "443",
        ["ssl-policy"] = "ELBSecurityPolicy-TLS13-1-2-2021-06",
    };

    private static readonly string[] _labels =
    [
        "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted",
        "elbv2.k8s.aws/pod-readiness-gate-inject=enabled", "eks.amazonaws.com/pod-readiness-gate-inject=enabled",
    ];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IReadOnlyList<string> Violations(Rendering rendering) =>
        [.. rendering.Manifests.SelectMany(m => m.IsCustom ? [] : OfOne(m)), .. Namespaces(rendering), .. Network(rendering), .. Claims(rendering)];

    /// <summary>What is wrong with what a cluster has once.</summary>
    public static IEnumerable<string> PlatformViolations(Rendering platform) => platform.Manifests.SelectMany(m => m.IsCustom ? [] : OfOne(m));

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

                var isHttps = ingress.Metadata.Annotations.ContainsKey(Alb + "certificate-arn");
                foreach (var (name, value) in _annotations.Concat(isHttps ? _https : _http))
                {
                    if (!ingress.Metadata.Annotations.TryGetValue(Alb + name, out var set) || set != value)
                    {
                        yield return $"the ingress's {name} is not {value}";
                    }
                }

                if (isHttps && ingress.Metadata.Annotations.ContainsKey(Alb + "inbound-cidrs"))
                {
                    yield return "HTTPS is not for everybody";
                }

                break;

            case V1Namespace when manifest.IsOfTheService:
                var labels = manifest.Map("metadata", "labels");
                foreach (var label in _labels.Where(label => labels.GetValueOrDefault(label.Split('=')[0]) != label.Split('=')[1]))
                {
                    yield return $"the namespace has not the label {label}";
                }

                break;

            case V1StorageClass storage when storage is not { VolumeBindingMode: "WaitForFirstConsumer", ReclaimPolicy: "Retain" }
                || storage.Metadata.Name != StorageClass || storage.Parameters["type"] != "gp3"
                || storage.Provisioner is not ("ebs.csi.aws.com" or "ebs.csi.eks.amazonaws.com"):
                yield return $"the class {storage.Metadata.Name} is not the volumes' own";
                break;

            case V1IngressClass { Metadata.Name: not "alb" } or V1IngressClass { Spec.Controller: not "eks.amazonaws.com/alb" }:
                yield return "nobody takes the ingress";
                break;

            case V1Secret secret:
                yield return $"the secret {secret.Metadata.Name} is in the manifests";
                break;
        }
    }

    private static IEnumerable<string> Namespaces(Rendering rendering) => rendering.Manifests
        .Where(m => m.Kind != "Namespace" && m.Namespace != (m.IsOfTheService ? "simple-time" : "kafka"))
        .Select(m => $"{m.Kind} {m.Name} is in the namespace {m.Namespace ?? "of whoever applies it, or in none"}");

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
            if (rules.Any(rule => rule.Ports is null or [] || (rule.Peers is null or [] && rule.Ports.Any(port => port.Port.Value != "53"))
                || rule.Peers?.Any(peer => peer.IpBlock?.Cidr.EndsWith("/0", StringComparison.Ordinal) == true) == true))
            {
                yield return $"the network policy {policy.Metadata.Name} names no peer or no port";
            }

            // With EKS Auto Mode there are no such pods.
            if (policy.Spec.Egress?.Any(rule => rule.Ports.All(port => port.Port.Value == "53") && rule.To is not (null or [])) == true)
            {
                yield return $"the network policy {policy.Metadata.Name} looks for DNS in certain pods";
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

            // Where there is no load balancer, there is no such storage either.
            var isOnAws = rendering.Manifests.Any(m => m.Kind == "Ingress");
            foreach (var claim in set.Spec.VolumeClaimTemplates.Where(claim =>
                (claim.Spec.StorageClassName, claim.Spec.AccessModes.Single()) != (isOnAws ? (StorageClass, "ReadWriteOncePod") : (null, "ReadWriteOnce"))))
            {
                yield return $"the volume {claim.Metadata.Name} of {set.Metadata.Name} is not one pod's own";
            }
        }
    }
}
