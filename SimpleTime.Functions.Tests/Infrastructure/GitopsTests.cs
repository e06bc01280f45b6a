using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Kubernetes;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary><c>gitops/</c> as Argo CD would render it, charts apart; and the checks, with mistakes planted.</summary>
public sealed class GitopsTests
{
    private const string Certificate = "arn:aws:acm:eu-north-1:111122223333:certificate/11111111-2222-3333-4444-555555555555";

    public static TheoryData<string, string, string> Clusters => new()
    {
        { "staging", "strimzi", "" },
        { "production", "strimzi", Certificate },
        { "production", "msk", Certificate },
    };

    [KubectlTheory]
    [MemberData(nameof(Clusters))]
    public async Task Each_environment_is_valid_and_fits_together(string environment, string kafka, string certificate)
    {
        var cluster = await ArgoCluster.OfAsync(environment, kafka, certificate);

        Assert.True(cluster.Applications.Count >= 14);
        Assert.All(cluster.Manifests.Where(m => !m.IsCustom), m => m.Read());
        Assert.Empty(ApplicationRules.Violations(cluster));
        Assert.Empty(ConnectionRules.Violations(cluster));
        Assert.Empty(SecretRules.Violations(cluster));
        Assert.Empty(ServiceRules.Violations(cluster, certificate));
    }

    [KubectlFact]
    public async Task On_MSK_each_service_account_has_its_role_by_Pod_Identity_and_KEDA_its_own()
    {
        var cluster = await ArgoCluster.OfAsync("production", "msk", Certificate);
        var trigger = cluster.Manifests.Single(m => m.Kind == "TriggerAuthentication");
        var scaled = cluster.Manifests.Single(m => m.Kind == "ScaledObject" && m.Name == "simple-time-persister");
        var settings = cluster.Manifests.Single(m => m.Kind == "ConfigMap" && m.Name == "simple-time-config").Map("data");

        Assert.DoesNotContain("eks.amazonaws.com/role-arn", cluster.Text, StringComparison.Ordinal);
        Assert.Equal(("aws", null), (trigger["spec", "podIdentity", "provider"], trigger["spec", "podIdentity", "identityOwner"]));
        Assert.Equal(("eu-north-1", "eu-north-1"), (scaled["spec", "triggers", "0", "metadata", "awsRegion"], settings["AWS_REGION"]));
        Assert.Equal("b-1.example.com:9098,b-2.example.com:9098", settings["KAFKA_BROKERS"]);
        Assert.Contains("169.254.170.23/32", cluster.Manifests.Single(m => m.Kind == "NetworkPolicy" && m.Name == "simple-time").Text, StringComparison.Ordinal);
    }

    [KubectlTheory]
    [InlineData("limit: -1", "limit: 5", "gives up before")]
    [InlineData("- SkipDryRunOnMissingResource=true", "- Validate=false", "gives up before")]
    [InlineData("- ServerSideApply=true", "- Replace=true", "gives up before")]
    [InlineData("selfHeal: true", "selfHeal: false", "does not follow Git")]
    [InlineData("kind: Namespace\nmetadata:\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n  name: keda", "kind: Namespace\nmetadata:\n  name: scaler", "keda goes to keda, which nothing makes")]
    [InlineData("targetRevision: 2.20.2", "targetRevision: 2.*", "keda is not pinned")]
    [InlineData("  name: external-secrets\n  namespace: argocd", "  name: keda\n  namespace: argocd", "two Applications are called keda")]
    [InlineData("project: simple-time", "project: simpletime", "is of a project that is not there")]
    public async Task An_Application_that_would_not_come_to_be_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, ApplicationRules.Violations((await StagingAsync()).With(part, mistake)));

    [KubectlTheory]
    [InlineData("kubernetes.io/metadata.name: monitoring", "kubernetes.io/metadata.name: observability", "a policy names observability")]
    [InlineData("kubernetes.io/metadata.name: monitoring", "kubernetes.io/metadata.name: logging", "keeps Prometheus from simple-time-http")]
    [InlineData("kubernetes.io/metadata.name: monitoring", "kubernetes.io/metadata.name: logging", "keeps Prometheus from simple-time-persister")]
    [InlineData("http://otel-collector.otel-collector.svc", "http://otel-collector.observability.svc", "otel-collector.observability.svc is no collector")]
    [InlineData("svc:4317", "svc:4316", "keeps traces from the collector")]
    [InlineData("kubernetes.io/metadata.name: otel-collector", "kubernetes.io/metadata.name: logging", "keeps traces from the collector")]
    [InlineData("kubernetes.io/metadata.name: otel-collector", "kubernetes.io/metadata.name: logging", "keeps otel-collector from Elasticsearch")]
    [InlineData("OTEL_LOGS_EXPORTER: none", "OTEL_LOGS_EXPORTER: otlp", "arrive twice")]
    [InlineData("kafka.svc:9093", "kafka.svc:9092", "are not the cluster's Kafka")]
    [InlineData("kubernetes.io/metadata.name: kafka", "kubernetes.io/metadata.name: logging", "keeps the service from Kafka")]
    [InlineData("kubernetes.io/metadata.name: keda", "kubernetes.io/metadata.name: argocd", "is not for the service and KEDA alone")]
    [InlineData("simple-time-es-http.logging.svc:9200", "elasticsearch.logging.svc:9200", "logging does not write to")]
    [InlineData("user: collector", "user: elastic", "writes as another user")]
    [InlineData("ruleSelectorNilUsesHelmValues: false", "ruleSelectorNilUsesHelmValues: true", "does not take a rule of others")]
    public async Task A_connection_that_would_not_come_about_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, ConnectionRules.Violations((await StagingAsync()).With(part, mistake)));

    [KubectlTheory]
    [InlineData("existingSecret: grafana-admin", "existingSecret: grafana", "nothing makes the secret grafana")]
    [InlineData("existingSecret: grafana-admin", "userKey: admin-user", "another after each rendering")]
    [InlineData("    - simple-time\n    - monitoring", "    - monitoring", "simple-time/simple-time-keys has no store")]
    [InlineData("resourceNames:\n  - simple-time-es-http-certs-public", "resourceNames:\n  - simple-time-es-elastic-user", "the store logging may read others")]
    [InlineData("kind: ExternalSecret\nmetadata:\n  name: simple-time-keys", "kind: Secret\nmetadata:\n  name: simple-time-keys", "the secret simple-time-keys is in Git")]
    public async Task A_secret_that_is_missing_or_in_Git_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, SecretRules.Violations((await StagingAsync()).With(part, mistake)));

    [KubectlTheory]
    [InlineData("registry.example.com/simple-time-functions:1.0.0", "simple-time-functions:1.0.0", "is not in the account's registry")]
    [InlineData("registry.example.com/simple-time-functions:1.0.0", "registry.example.com/simple-time-functions:latest", "is not pinned")]
    [InlineData("cidr: 10.20.0.0/16", "cidr: 10.0.0.0/16", "do not name the VPC's addresses")]
    [InlineData("inbound-cidrs: 203.0.113.7/32", "inbound-cidrs: 0.0.0.0/0", "is open to others")]
    public async Task What_the_account_tells_and_the_service_does_not_hear_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, ServiceRules.Violations((await StagingAsync()).With(part, mistake), ""));

    [Fact]
    public void Collectors_can_only_create() => Assert.Empty(SecretRules.RoleViolations(Repository.Read("gitops/platform/manifests/logging/roles.yml")));

    [Theory]
    [InlineData("[create_doc, auto_configure]", "[create_doc, auto_configure, read]", "more than create")]
    [InlineData("collector:\n", "collector:\n  cluster: [monitor]\n", "more than create")]
    [InlineData("logs-generic.otel-default,", "logs-*,", "other data streams")]
    public void A_collector_that_can_do_more_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, SecretRules.RoleViolations(Planted.In(Repository.Read("gitops/platform/manifests/logging/roles.yml"), part, mistake)));

    [ManifestCheckFact]
    public async Task Each_custom_resource_and_each_value_of_a_chart_is_known()
    {
        var (exitCode, output) = await CheckAsync(await CustomAsync());

        Assert.True(exitCode == 0, output);
        Assert.All((string[])["Application/monitoring", "ApplicationSet/root", "ApplicationSet/simple-time", "AppProject/simple-time", "Kafka/kafka", "KafkaNodePool/brokers",
            "KafkaUser/simple-time", "KafkaTopic/simple-time-events", "Elasticsearch/simple-time", "Kibana/simple-time", "ExternalSecret/grafana-admin", "ClusterSecretStore/aws"],
            resource => Assert.Contains($"ok     {resource}", output, StringComparison.Ordinal));
    }

    [ManifestCheckFact]
    public async Task A_field_that_a_resource_or_a_chart_does_not_know_is_found()
    {
        (string Text, string Mistake, string Finding)[] mistakes =
        [
            ("existingSecret: grafana-admin", "existingSecrets: grafana-admin", "existingSecrets"),
            ("targetRevision: 88.5.3", "targetRevision: 88.5.2", "targetRevision"),
            ("selfHeal: true", "selfHeel: true", "selfHeel"),
            ("fullnameOverride: log-collector", "fullNameOverride: log-collector", "fullNameOverride"),
            ("type: scram-sha-512", "type: scram-sha-1024", "scram-sha"),
            ("patternType: literal", "pattern: literal", "pattern"),
            ("volumeClaimDeletePolicy:", "volumeClaimPolicy:", "volumeClaimPolicy"),
            ("elasticsearchRef:", "elasticsearchReference:", "elasticsearchReference"),
            ("service: SecretsManager", "service: SecretManager", "service"),
            ("goTemplate: true", "goTemplates: true", "goTemplates"),
        ];
        var documents = (await CustomAsync()).Split("\n---\n");
        var (exitCode, output) = await CheckAsync(string.Join("\n---\n", mistakes.Select(
            m => Planted.In(documents.First(document => document.Contains(m.Text, StringComparison.Ordinal)), m.Text, m.Mistake))));

        Assert.Equal(1, exitCode);
        Assert.All(mistakes, m => Assert.Matches($"(?m)^wrong .*{Regex.Escape(m.Finding)}", output));
    }

    private static Task<ArgoCluster> StagingAsync() => ArgoCluster.OfAsync("staging", "strimzi", "");

    /// <summary>ApplicationSets as they are in Git, and what the folders of all Applications come to.</summary>
    private static async Task<string> CustomAsync()
    {
        var folders = Directory.GetDirectories(Repository.PathOf("gitops/platform/manifests"))
            .Append(Repository.PathOf("gitops/environments/staging")).Append(Repository.PathOf("gitops/service/strimzi")).Append(Repository.PathOf("gitops/service/msk"));
        var all = await Task.WhenAll(folders.Select(Kubectl.RenderAsync));
        Assert.All(all, one => Assert.True(one.ExitCode == 0, one.Errors));
        return string.Join("\n---\n", [.. all.Select(one => one.Manifests), Repository.Read("gitops/bootstrap/root.yaml")]);
    }

    private static Task<(int ExitCode, string Output)> CheckAsync(string manifests) =>
        ManifestCheck.RunAsync(manifests, ("argo-cd", Repository.PathOf("gitops/bootstrap/argocd-values.yaml")));
}
