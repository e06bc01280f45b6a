using System.Text.RegularExpressions;
using Xunit;
using YamlDotNet.Core;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>Each overlay of <c>keda/</c> with its components, rendered and checked strictly; and the checks, with mistakes planted.</summary>
public sealed class RenderingTests
{
    private const string Sqlite = "overlays/sqlite";

    public static TheoryData<string> Combinations => Rendering.Combinations;

    [Fact]
    public void Each_component_is_in_some_combination() => Assert.Equal(
        Directory.GetDirectories(Kubectl.PathOf("components")).Select(folder => Path.GetFileName(folder)).Order(),
        Rendering.Names.Concat(Rendering.Platforms).SelectMany(name => name.Split(' ').Skip(1)).Distinct().Order());

    [Fact]
    public void Each_overlay_is_in_some_combination() => Assert.Equal(
        Directory.GetDirectories(Kubectl.PathOf("overlays")).Select(folder => $"overlays/{Path.GetFileName(folder)}").Order(),
        Rendering.Names.Select(name => name.Split(' ')[0]).Where(name => name != "base").Distinct().Order());

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task Each_combination_is_valid_Kubernetes(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);

        Assert.NotEmpty(rendering.Workloads);
        Assert.All(rendering.Manifests.Where(m => !m.IsCustom), m => m.Read());
        Assert.Empty(PodPolicy.Violations(rendering));
        Assert.Empty(TrafficPolicy.Violations(rendering));
        // An account's own name comes with the component that needs one.
        Assert.Equal(combination.Contains("https", StringComparison.Ordinal), rendering.Text.Contains("arn:aws", StringComparison.Ordinal));
    }

    [KubectlFact]
    public async Task What_a_cluster_has_once_is_valid_Kubernetes()
    {
        var all = await Task.WhenAll(Rendering.Platforms.Select(Rendering.OfAsync));

        Assert.All(all.SelectMany(r => r.Manifests).Where(m => !m.IsCustom), m => m.Read());
        Assert.All(all, rendering => Assert.Empty(TrafficPolicy.PlatformViolations(rendering)));
        Assert.Equal(["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com"],
            all.SelectMany(r => r.Manifests).Where(m => m.Kind == "StorageClass").Select(m => m["provisioner"]).Order());
    }

    [ManifestCheckFact]
    public async Task Each_custom_resource_is_as_its_definition_says()
    {
        var all = await Task.WhenAll(Rendering.Names.Concat(Rendering.Platforms).Select(Rendering.OfAsync));
        var (exitCode, output) = await ManifestCheck.RunAsync(
            string.Join("\n---\n", [.. all.Select(r => r.Text), await File.ReadAllTextAsync(Kubectl.PathOf("argocd/application.yaml"))]));

        Assert.True(exitCode == 0, output);
        Assert.All((string[])["ScaledObject", "TriggerAuthentication", "PrometheusRule", "ServiceMonitor", "Application"],
            kind => Assert.Contains($"ok     {kind}/simple-time", output, StringComparison.Ordinal));
    }

    [KubectlTheory]
    [InlineData("capabilities:", "capabilitees:")]
    [InlineData("terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: a minute")]
    [InlineData("topologySpreadConstraints:", "topologySpreads:")]
    [InlineData("pathType: Exact", "pathTipe: Exact")]
    [InlineData("kind: PodDisruptionBudget", "kind: PodDisruptionBudjet")]
    public async Task A_field_or_value_that_Kubernetes_does_not_know_is_found(string text, string mistake)
    {
        var rendering = (await Rendering.OfAsync(Sqlite)).With(text, mistake);

        var found = Record.Exception(() => rendering.Manifests.Where(m => !m.IsCustom).Select(m => m.Read()).ToArray());

        Assert.True(found is YamlException or KeyNotFoundException, found?.ToString() ?? "nothing was found");
    }

    [KubectlTheory]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "does not run as a numeric user")]
    [InlineData("runAsUser: 1654", "runAsUser: 0", "does not run as a numeric user")]
    [InlineData("type: RuntimeDefault", "type: Unconfined", "does not run as a numeric user")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "may gain privileges or write to its image")]
    [InlineData("            - ALL", "            - NET_RAW", "may gain privileges or write to its image")]
    [InlineData("automountServiceAccountToken: false\n      containers", "automountServiceAccountToken: true\n      containers", "gets a token")]
    [InlineData("simple-time-functions:1.0.0", "simple-time-functions:latest", "is not pinned")]
    [InlineData("simple-time-functions:1.0.0", "simple-time-functions", "is not pinned")]
    [InlineData("mountPath: /tmp", "mountPath: /temp", "no bounded folder /tmp")]
    [InlineData("limits:\n            memory: 256Mi", "limits:\n            cpu: 1", "its memory has no limit")]
    [InlineData("cpu: 250m", "gpu: 1", "how much processor")]
    [InlineData("spec:\n  revisionHistoryLimit: 3", "spec:\n  replicas: 2\n  revisionHistoryLimit: 3", "sets replicas")]
    [InlineData("podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", "in the way of a rollback")]
    [InlineData("topologyKey: topology.kubernetes.io/zone", "topologyKey: topology.kubernetes.io/region", "are not spread")]
    [InlineData("path: /readyz", "path: /healthz", "probes are not apart")]
    [InlineData("unhealthyPodEvictionPolicy: AlwaysAllow", "unhealthyPodEvictionPolicy: IfHealthyBudget", "no disruption budget")]
    [InlineData("name: tmp\n        - mountPath: /data", "name: temp\n        - mountPath: /data", "which it does not have")]
    [InlineData("activeDeadlineSeconds: 300", "activeDeadlineSeconds: 900", "holds up newer commits")]
    [InlineData("hook-delete-policy: BeforeHookCreation", "hook-delete-policy: HookSucceeded", "holds up newer commits")]
    [InlineData("/data/events.db\n", "/data/events.db\n        lifecycle: {preStop: {sleep: {seconds: 15}}}\n", "requests that nobody sends")]
    [InlineData("pods: \"24\"", "pods: \"23\"", "the quota admits 23 of pods, and 24 are needed")]
    [InlineData("limits.memory: 7Gi", "limits.memory: 6Gi", "the quota admits 6Gi of limits.memory")]
    [InlineData("key: apps.kubernetes.io/pod-index", "key: app", "decide where its volumes lie", Sqlite + " spool-volume")]
    public async Task A_pod_that_is_not_as_it_must_be_is_found(string text, string mistake, string violation, string combination = Sqlite)
    {
        var rendering = (await Rendering.OfAsync(combination)).With(text, mistake);

        Assert.Contains(PodPolicy.Violations(rendering), found => found.Contains(violation, StringComparison.Ordinal));
    }

    [KubectlTheory]
    [InlineData("path: /\n        pathType: Exact", "path: /\n        pathType: Prefix", "publishes more than / and /healthz: Prefix /")]
    [InlineData("path: /healthz\n        pathType: Exact", "path: /metrics\n        pathType: Exact", "publishes more than / and /healthz: Exact /metrics")]
    [InlineData("idle_timeout.timeout_seconds=60", "idle_timeout.timeout_seconds=600", "load-balancer-attributes is not")]
    [InlineData("kubernetes.io/inbound-cidrs: 10.0.0.0/16", "kubernetes.io/inbound-cidrs: 0.0.0.0/0", "inbound-cidrs is not 10.0.0.0/16")]
    [InlineData("kubernetes.io/ssl-policy", "kubernetes.io/ssl-polisy", "ssl-policy is not", Sqlite + " https")]
    [InlineData("kubernetes.io/ssl-redirect", "kubernetes.io/ssl-redirekt", "ssl-redirect is not", Sqlite + " https")]
    [InlineData("kubernetes.io/scheme: ", "kubernetes.io/inbound-cidrs: ", "HTTPS is not for everybody", Sqlite + " https")]
    [InlineData("healthcheck-path: /readyz", "healthcheck-path: /", "healthcheck-path is not /readyz")]
    [InlineData("enforce: restricted", "enforce: baseline", "has not the label pod-security.kubernetes.io/enforce=restricted")]
    [InlineData("/warn: restricted", "/audit: restricted", "has not the label pod-security.kubernetes.io/warn=restricted")]
    [InlineData("    eks.amazonaws.com/pod-readiness", "    elbv2.k8s.aws/readiness", "has not the label eks.amazonaws.com/pod-readiness-gate-inject=enabled")]
    [InlineData("  - ports:\n    - port: 53", "  - to: [{podSelector: {}}]\n    ports:\n    - port: 53", "looks for DNS in certain pods")]
    [InlineData("  - ports:\n    - port: 53", "  - ports:\n    - port: 443", "names no peer or no port")]
    [InlineData("cidr: 169.254.170.23/32", "cidr: 0.0.0.0/0", "names no peer or no port", Sqlite + " msk-iam")]
    [InlineData("podSelector: {}", "podSelector: {matchLabels: {a: b}}", "no network policy closes the namespace")]
    [InlineData("whenScaled: Retain", "whenScaled: Delete", "loses its volume")]
    [InlineData("ReadWriteOncePod", "ReadWriteMany", "is not one pod's own")]
    [InlineData("storageClassName: simple-time-gp3", "storageClassName: gp2", "is not one pod's own")]
    [InlineData("ReadWriteOnce", "ReadWriteOncePod", "is not one pod's own", "overlays/local")]
    [InlineData("name: simple-time-config\n  namespace: simple-time", "name: simple-time-config", "is in the namespace of whoever applies it")]
    [InlineData("automountServiceAccountToken: false\nkind: ServiceAccount", "kind: Secret", "is in the manifests")]
    public async Task Traffic_that_is_not_meant_and_data_that_is_not_safe_are_found(string text, string mistake, string violation, string combination = Sqlite)
    {
        var rendering = (await Rendering.OfAsync(combination)).With(text, mistake);

        Assert.Contains(TrafficPolicy.Violations(rendering), found => found.Contains(violation, StringComparison.Ordinal));
    }

    [KubectlTheory]
    [InlineData("volumeBindingMode: WaitForFirstConsumer", "volumeBindingMode: Immediate", "is not the volumes' own")]
    [InlineData("reclaimPolicy: Retain", "reclaimPolicy: Delete", "is not the volumes' own")]
    [InlineData("ebs.csi.eks.amazonaws.com", "efs.csi.aws.com", "is not the volumes' own")]
    [InlineData("controller: eks.amazonaws.com/alb", "controller: ingress.k8s.aws/alb", "nobody takes the ingress")]
    public async Task A_platform_that_does_not_have_what_the_service_asks_for_is_found(string text, string mistake, string violation)
    {
        var rendering = (await Rendering.OfAsync("platform eks-auto-mode")).With(text, mistake);

        Assert.Contains(TrafficPolicy.PlatformViolations(rendering), found => found.Contains(violation, StringComparison.Ordinal));
    }

    [ManifestCheckFact]
    public async Task A_custom_resource_that_is_not_as_its_definition_says_is_found()
    {
        (string Text, string Mistake, string Finding)[] mistakes =
        [
            ("cooldownPeriod:", "coolDownPeriod:", "\"coolDownPeriod\""),
            ("offsetResetPolicy:", "offsetResetPolizy:", "unknown parameter offsetResetPolizy"),
            ("offsetResetPolicy: earliest", "offsetResetPolicy: first", "metadata/offsetResetPolicy: must be one of latest,earliest"),
            ("consumerGroupFromEnv:", "consumerGroupFromEnvironment:", "missing consumerGroup"),
            ("lagThreshold: \"50000\"", "lagThreshold: 50000", "metadata/lagThreshold must be string"),
            ("sasl: scram_sha512", "password: secret", "metadata/password: belongs in a TriggerAuthentication"),
            ("parameter: ca", "parametre: ca", "\"parametre\""),
            ("behavior: currentReplicasIfHigher", "behavior: higher", "/spec/fallback/behavior must be equal to one of the allowed values"),
            ("scrapeTimeout: 10s", "scrapeTimout: 10s", "\"scrapeTimout\""),
            ("alert: SimpleTimeDeadLetters", "alarm: SimpleTimeDeadLetters", "\"alarm\""),
        ];
        var rendering = await Rendering.OfAsync($"{Sqlite} tls sasl monitoring");
        Assert.Equal(0, (await ManifestCheck.RunAsync(rendering.Text)).ExitCode);

        var (exitCode, output) = await ManifestCheck.RunAsync(string.Join("\n---\n", mistakes.Select(m => rendering.With(m.Text, m.Mistake).Text)));

        Assert.Equal(1, exitCode);
        Assert.All(mistakes, m => Assert.Matches($"(?m)^wrong .*{Regex.Escape(m.Finding)}", output));
    }

    [KubectlTheory]
    [InlineData("sasl", "tls")]
    [InlineData("msk-iam", "sasl")]
    [InlineData("sasl", "msk-iam")]
    [InlineData("msk-iam", "tls")]
    [InlineData("sasl", "mtls")]
    [InlineData("mtls", "tls")]
    [InlineData("msk-iam", "mtls")]
    [InlineData("mtls", "msk-iam")]
    public async Task Components_that_would_undo_each_other_do_not_render(params string[] components)
    {
        var (exitCode, _, errors) = await Kubectl.RenderAsync(Sqlite, components);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("test failed", errors, StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task The_order_of_the_other_components_does_not_matter()
    {
        var one = await Rendering.OfAsync($"{Sqlite} tls sasl https monitoring spool-volume strimzi-topic");
        var other = await Rendering.OfAsync($"{Sqlite} spool-volume monitoring strimzi-topic https tls sasl");

        Assert.Equal(
            one.Manifests.OrderBy(m => m.Kind + m.Name).Select(m => m.Text.Trim()),
            other.Manifests.OrderBy(m => m.Kind + m.Name).Select(m => m.Text.Trim()));
    }
}
