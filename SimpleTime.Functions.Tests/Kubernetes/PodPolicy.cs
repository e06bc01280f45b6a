using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What every pod must be, over what the API's types demand: the restricted pod security standard and more.</summary>
internal static partial class PodPolicy
{
    private static readonly string[] _topologies = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IReadOnlyList<string> Violations(Rendering rendering)
    {
        List<string> wrong = [];
        foreach (var manifest in rendering.Manifests)
        {
            if (manifest.Pod() is { } pod)
            {
                var container = pod.Containers.Single();
                wrong.AddRange(Security(pod, container).Concat(Resources(pod, container)).Concat(Ending(manifest, container)).Select(fault => $"{manifest.Kind} {manifest.Name}: {fault}"));
            }
        }

        wrong.AddRange(Quota(rendering));
        foreach (var workload in rendering.Workloads)
        {
            wrong.AddRange(Running(rendering, workload).Select(fault => $"{workload.Kind} {workload.Name}: {fault}"));
        }

        return wrong;
    }

    private static IEnumerable<string> Security(V1PodSpec pod, V1Container container)
    {
        var own = pod.SecurityContext;
        if (own is not { RunAsNonRoot: true, RunAsUser: > 0, RunAsGroup: > 0, FsGroup: > 0, SeccompProfile.Type: "RuntimeDefault" })
        {
            yield return "it does not run as a numeric user, group and fsGroup other than root with the runtime's seccomp profile";
        }

        if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: null or false } its
            || its.Capabilities is not { Add: null, Drop: ["ALL"] })
        {
            yield return "its container may gain privileges or write to its image";
        }

        if (pod.AutomountServiceAccountToken != false)
        {
            yield return "it gets a token of the Kubernetes API";
        }

        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true || pod.Volumes.Any(v => v.HostPath is not null))
        {
            yield return "it has a part of the host";
        }

        if (!Pinned().IsMatch(container.Image) || container.Image.EndsWith(":latest", StringComparison.Ordinal))
        {
            yield return $"the image {container.Image} is not pinned";
        }
    }

    private static IEnumerable<string> Resources(V1PodSpec pod, V1Container container)
    {
        if (!container.VolumeMounts.Any(m => m.MountPath == "/tmp" && pod.Volumes.Any(v => v.Name == m.Name && v.EmptyDir?.SizeLimit is not null)))
        {
            yield return "it has no bounded folder /tmp to write to";
        }

        if (container.Resources?.Requests is not { } requests || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory"))
        {
            yield return "it does not say how much processor and memory it takes";
        }

        if (container.Resources?.Limits?.ContainsKey("memory") != true || container.Resources.Limits.ContainsKey("cpu"))
        {
            yield return "its memory has no limit, or its processor has one";
        }
    }

    private static IEnumerable<string> Ending(Manifest manifest, V1Container container)
    {
        if (manifest.Kind == "Job" && (manifest.Map("metadata", "annotations").GetValueOrDefault("argocd.argoproj.io/hook-delete-policy") != "BeforeHookCreation"
            || !int.TryParse(manifest["spec", "activeDeadlineSeconds"], CultureInfo.InvariantCulture, out var seconds) || seconds > 300))
        {
            yield return "it holds up newer commits for more than 5 minutes, or for ever";
        }

        if (manifest.Name != "simple-time-http" && container.Lifecycle?.PreStop is not null)
        {
            yield return "it waits for the end of requests that nobody sends";
        }
    }

    private static IEnumerable<string> Running(Rendering rendering, Manifest workload)
    {
        var pod = workload.Pod()!;
        var container = pod.Containers.Single();
        if (workload["spec", "replicas"] is not null)
        {
            yield return "it sets replicas, which are KEDA's";
        }

        if (workload.Kind == "StatefulSet" && workload["spec", "podManagementPolicy"] != "Parallel")
        {
            yield return "a pod that never gets ready is in the way of a rollback";
        }

        if (workload.Kind == "StatefulSet" && workload.Name == "simple-time-http" && pod.TopologySpreadConstraints.Any(
            c => c.LabelSelector.MatchExpressions?.Any(e => e.Key == "apps.kubernetes.io/pod-index" && e.OperatorProperty == "Exists") != true))
        {
            yield return "pods of the Deployment before it decide where its volumes lie";
        }

        if (!_topologies.All(key => pod.TopologySpreadConstraints?.Any(c => c.TopologyKey == key) == true))
        {
            yield return "its pods are not spread over zones and nodes";
        }

        if (container.StartupProbe?.HttpGet is null
            || container.ReadinessProbe?.HttpGet?.Path != "/readyz" || container.LivenessProbe?.HttpGet?.Path != "/healthz")
        {
            yield return "its probes are not apart: startup, /readyz and /healthz";
        }

        var labels = workload.Map("spec", "template", "metadata", "labels");
        if (!rendering.Manifests.Any(m => m.Kind == "PodDisruptionBudget" && m["spec", "maxUnavailable"] == "1"
            && m["spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow" && Selects(m.Map("spec", "selector", "matchLabels"), labels)))
        {
            yield return "no disruption budget lets one pod go at a time";
        }

        if (!rendering.Manifests.Any(m => m.Kind == "Service" && Selects(m.Map("spec", "selector"), labels)))
        {
            yield return "no service selects its pods";
        }

        if (!Selects(workload.Map("spec", "selector", "matchLabels"), labels))
        {
            yield return "it does not select its own pods";
        }

        foreach (var name in container.VolumeMounts.Select(m => m.Name).Except(pod.Volumes.Select(v => v.Name)))
        {
            if (!Enumerable.Range(0, workload.Count("spec", "volumeClaimTemplates"))
                .Any(i => workload["spec", "volumeClaimTemplates", $"{i}", "metadata", "name"] == name))
            {
                yield return $"it mounts the volume {name}, which it does not have";
            }
        }
    }

    // Twice what runs at the most: while all pods are replaced, the old ones are still there.
    private static IEnumerable<string> Quota(Rendering rendering)
    {
        Dictionary<string, decimal> most = [];
        foreach (var manifest in rendering.Manifests.Where(m => m.IsOfTheService && m.Pod() is not null))
        {
            var scaled = rendering.Manifests.SingleOrDefault(m => m.Kind == "ScaledObject" && m["spec", "scaleTargetRef", "name"] == manifest.Name);
            var replicas = int.Parse(scaled?["spec", "maxReplicaCount"] ?? "1", CultureInfo.InvariantCulture);
            var resources = manifest.Pod()!.Containers.Single().Resources;
            Add("pods", 2 * replicas);
            Add("requests.cpu", 2 * replicas * Of(resources.Requests, "cpu"));
            Add("requests.memory", 2 * replicas * Of(resources.Requests, "memory"));
            Add("limits.memory", 2 * replicas * Of(resources.Limits, "memory"));
            Add("persistentvolumeclaims", replicas * manifest.Count("spec", "volumeClaimTemplates"));
        }

        var quota = rendering.Manifests.Single(m => m.Kind == "ResourceQuota").Map("spec", "hard");
        foreach (var (name, needed) in most)
        {
            if (!quota.TryGetValue(name, out var hard) || new ResourceQuantity(hard).ToDecimal() < needed)
            {
                yield return $"the quota admits {hard ?? "any number"} of {name}, and {needed} are needed";
            }
        }

        static decimal Of(IDictionary<string, ResourceQuantity>? quantities, string name) =>
            quantities?.TryGetValue(name, out var quantity) == true ? quantity.ToDecimal() : 0;

        void Add(string name, decimal needed) => most[name] = most.GetValueOrDefault(name) + needed;
    }

    private static bool Selects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value);

    // A tag of a version, or a digest.
    [GeneratedRegex(@"(?::\d[\w.-]*|@sha256:[0-9a-f]{64})$")]
    private static partial Regex Pinned();
}
