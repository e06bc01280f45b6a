using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What <c>docs/kubernetes.md</c> and <c>keda/argocd</c> say can be done, as far as it can be without a cluster.</summary>
public sealed partial class DocumentTests(DocumentOverlays overlays) : IClassFixture<DocumentOverlays>
{
    private const string Production = "keda/overlays/production";
    private const string Staging = "keda/overlays/staging";

    private static readonly Document _document = Document.OfRepository;

    [KubectlFact]
    public async Task The_overlay_that_it_shows_renders_and_is_valid()
    {
        var manifests = await RenderAsync(Production);

        Assert.All(Manifest.All(manifests).Where(m => !m.IsCustom), m => m.Read());
        Assert.DoesNotContain("10.0.0.0/16", manifests, StringComparison.Ordinal);
        Assert.DoesNotContain("00000000-0000", manifests, StringComparison.Ordinal);
        Assert.DoesNotContain("image: simple-time-functions", manifests, StringComparison.Ordinal);
        Assert.Contains("  KAFKA_SECURITY_PROTOCOL: sasl_ssl", manifests, StringComparison.Ordinal);
        // The collector, and where the policies let pods send to.
        Assert.Contains("  OTEL_EXPORTER_OTLP_ENDPOINT: http://otel-collector.otel-collector.svc:4317", manifests, StringComparison.Ordinal);
        Assert.Contains("kubernetes.io/metadata.name: otel-collector", manifests, StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Two_environments_of_it_have_nothing_in_common()
    {
        var production = Manifest.All(await RenderAsync(Production));
        var staging = Manifest.All(await RenderAsync(Staging));

        Assert.Empty(Names(production).Intersect(Names(staging)));
        Assert.Empty(Settings(production).Intersect(Settings(staging)));

        static IEnumerable<string> Names(IEnumerable<Manifest> manifests) => manifests.Select(m => $"{m.Kind} {m.Namespace} {m.Name}");
        static IEnumerable<string> Settings(IEnumerable<Manifest> manifests) => manifests
            .Single(m => m.Kind == "ConfigMap" && m.Name == "simple-time-config").Map("data")
            .Where(setting => setting.Key is "KAFKA_TOPIC_EVENTS" or "KAFKA_CONSUMER_GROUP").Select(setting => setting.Value);
    }

    [KubectlFact]
    public async Task Each_name_in_its_commands_is_there_by_then()
    {
        var walk = new DocumentWalk(_document, overlays);

        Assert.Empty(await walk.RunAsync());
        Assert.True(walk.Names > 100, $"{walk.Names} names");
    }

    [KubectlTheory]
    [InlineData("-n kafka rollout", "-n strimzi rollout", "namespace/strimzi")]
    [InlineData("kubectl apply -k keda/overlays/local", "kubectl apply -k keda/overlays/kind", "keda/overlays/kind")]
    [InlineData("rollout undo statefulset/simple-time-persister", "rollout undo statefulset/persister", "simple-time:statefulset/persister")]
    [InlineData("delete job simple-time-topic", "delete job topic", "simple-time:job/topic")]
    [InlineData("exec simple-time-persister-0 --", "exec simple-time-persister-1 --", "simple-time:pod/simple-time-persister-1")]
    [InlineData("--target=functions", "--target=persister", "simple-time:container/persister")]
    [InlineData("delete pvc data-simple-time-persister-0", "delete pvc simple-time-persister-0", "simple-time:pvc/simple-time-persister-0")]
    [InlineData("component=http", "component=web", "label app.kubernetes.io/component=web")]
    [InlineData("--service-account keda-operator", "--service-account keda", "keda:serviceaccount/keda")]
    [InlineData("apply -f claim.yaml", "apply -f pvc.yaml", "pvc.yaml")]
    [InlineData("helm uninstall keda", "helm uninstall kedacore", "release/kedacore")]
    [InlineData("$ kubectl create namespace simple-time\n", "", "namespace/simple-time")]
    [InlineData("--namespace keda --create-namespace", "--namespace keda", "namespace/keda")]
    public async Task A_name_that_is_not_there_is_found(string text, string mistake, string name)
    {
        Assert.Contains(text, _document.Text, StringComparison.Ordinal);
        var walk = new DocumentWalk(new Document(_document.Text.Replace(text, mistake, StringComparison.Ordinal)), overlays);

        Assert.Contains(await walk.RunAsync(), missing => missing.StartsWith(name + " in: ", StringComparison.Ordinal));
    }

    [ManifestCheckFact]
    public async Task Its_charts_have_the_versions_and_values_that_it_sets()
    {
        var applications = _document.Blocks.SelectMany(block => block.Commands).Select(command => Helm().Match(command)).Where(m => m.Success).Select(m => $$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: {{m.Groups[1].Value}}, namespace: argocd}
            spec:
              project: default
              destination: {server: https://kubernetes.default.svc, namespace: {{m.Groups[1].Value}}}
              source:
                chart: {{m.Groups[2].Value}}
                repoURL: {{m.Groups[3].Value}}
                targetRevision: {{m.Groups[4].Value}}
                helm: {parameters: [{{string.Join(", ", Values().Matches(m.Value).Select(set => $"{{name: {set.Groups[1].Value}, value: \"{set.Groups[2].Value}\"}}"))}}]}
            """).ToArray();

        var (exitCode, output) = await ManifestCheck.RunAsync(string.Join("\n---\n", applications));

        Assert.True(applications.Length >= 4 && exitCode == 0, output);
    }

    [Fact]
    public void It_takes_a_KEDA_that_scales_without_a_password_and_from_zero()
    {
        var versions = KedaVersions().Matches(_document.Text).Select(m => Version.Parse(m.Groups[1].Value)).ToArray();

        Assert.True(versions.Length >= 3, string.Join(' ', versions.AsEnumerable()));
        Assert.All(versions, version => Assert.True(version >= new Version(2, 19), version.ToString()));
    }

    [KubectlFact]
    public async Task Its_arithmetic_of_the_cooldown_is_that_of_the_manifests()
    {
        var scaled = (await Rendering.OfAsync("overlays/sqlite")).One("ScaledObject", "simple-time-persister");
        var cooldown = TimeSpan.FromSeconds(int.Parse(scaled["spec", "cooldownPeriod"]!, CultureInfo.InvariantCulture));

        Assert.Contains($"to 0 after {cooldown.TotalMinutes} minutes without lag", _document.Text, StringComparison.Ordinal);
        Assert.Contains($"events less than {cooldown.TotalMinutes} minutes apart", _document.Text, StringComparison.Ordinal);
        Assert.Contains($"at most {TimeSpan.FromDays(1) / cooldown} times a day", _document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_version_of_Kafka_is_named_everywhere()
    {
        string[] texts = [_document.Text, Repository.Read("compose.yaml"), Repository.Read("keda/base/topic-job.yaml"), Repository.Read("keda/overlays/local/kafka.yaml")];
        var versions = texts.Select(text => KafkaVersions().Matches(text).Select(m => m.Groups[1].Value).Distinct().ToArray()).ToArray();

        Assert.All(versions, version => Assert.Equal(Assert.Single(versions[0]), Assert.Single(version)));
    }

    [Fact]
    public void The_alerts_that_it_names_are_there()
    {
        var alerts = Repository.Read("monitoring/alerts.yaml");

        Assert.All(Alerts().Matches(_document.Text).Select(m => m.Value).Distinct(), alert => Assert.Contains($"alert: {alert}\n", alerts, StringComparison.Ordinal));
    }

    [KubectlFact]
    public async Task The_patches_that_it_shows_apply()
    {
        var overlay = _document.Blocks.Single(block => block.File == $"{Production}/kustomization.yaml").Text;
        var patches = _document.Blocks.Where(block => block.Language == "yaml" && block.Text.TrimStart()[..2] is "- " or "# ").ToArray();
        Assert.Equal(2, patches.Length);
        foreach (var (i, block) in patches.Index())
        {
            // What goes with one component alone.
            var text = block.Section == "MSK with IAM" ? overlay.Replace("components/sasl", "components/msk-iam", StringComparison.Ordinal) : overlay;
            overlays.Write($"keda/overlays/{i}/kustomization.yaml", text + block.Text);

            var manifests = await RenderAsync($"keda/overlays/{i}");

            Assert.All(Values().Matches(block.Text).Select(m => m.Groups[1].Value), value => Assert.Contains(value, manifests, StringComparison.Ordinal));
            Assert.Contains(block.Section == "MSK with IAM" ? "identityOwner: workload" : "value: /data/events-2.db", manifests, StringComparison.Ordinal);
            Assert.DoesNotContain("169.254.170.23", manifests, StringComparison.Ordinal);
        }
    }

    [KubectlFact]
    public async Task The_application_of_Argo_CD_names_what_is_in_this_repository()
    {
        var source = Yaml.Parse(await File.ReadAllTextAsync(Kubectl.PathOf("argocd/application.yaml"))).At("spec", "source");
        var path = (string)source.At("path");
        var image = ((string)Assert.Single(source.At("kustomize", "images").Items())).Split('=', ':');
        overlays.Write("keda/overlays/argocd/kustomization.yaml", $$"""
            resources: [../../../{{path}}]
            components: [{{string.Join(", ", source.At("kustomize", "components").Items())}}]
            images: [{name: {{image[0]}}, newName: {{image[1]}}, newTag: {{image[2]}}}]
            patches: {{JsonSerializer.Serialize(source.At("kustomize", "patches").Items().Select(p => new { patch = (string)p.At("patch") }))}}
            """);

        Assert.True(overlays.Has(path));
        var manifests = Manifest.All(await RenderAsync("keda/overlays/argocd"));
        Assert.All(manifests.Where(m => !m.IsCustom), m => m.Read());
        // Or pods with the outbox's only copy would go before others are there.
        Assert.Contains("PruneLast=true", Yaml.Parse(await File.ReadAllTextAsync(Kubectl.PathOf("argocd/application.yaml"))).At("spec", "syncPolicy", "syncOptions").Items());
    }

    [KubectlFact]
    public async Task The_secrets_that_it_has_made_are_those_that_pods_refer_to()
    {
        var rendering = await Rendering.OfAsync("overlays/sqlite tls mtls sasl");
        foreach (var secret in Secrets().Matches(rendering.Text).Select(m => m.Groups[1].Value).Distinct())
        {
            Assert.Contains(secret, _document.Text, StringComparison.Ordinal);
        }

        Assert.Contains("secret generic simple-time-keys --from-literal=first=", _document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_names_each_component()
    {
        Assert.All(Directory.GetDirectories(Kubectl.PathOf("components")),
            folder => Assert.Contains($"| `{Path.GetFileName(folder)}` |", _document.Text, StringComparison.Ordinal));
    }

    [KubectlFact]
    public async Task Its_policy_for_MSK_allows_the_topic_and_group_of_the_manifests()
    {
        var policy = JsonElement.Parse(_document.Blocks.Single(block => block.Language == "json").Text).GetProperty("Statement").EnumerateArray()
            .ToDictionary(s => s.GetProperty("Resource").GetString()!.Split(':')[5].Split('/')[0], s => s.GetProperty("Resource").GetString()!.Split('/')[^1]);
        var settings = (await Rendering.OfAsync("overlays/sqlite msk-iam")).One("ConfigMap", "simple-time-config").Map("data");

        Assert.Equal(settings["KAFKA_TOPIC_EVENTS"], policy["topic"]);
        Assert.Equal(settings["KAFKA_CONSUMER_GROUP"], policy["group"]);
    }

    [KubectlFact]
    public async Task Its_images_for_MSK_are_those_of_the_manifests()
    {
        var images = (await Rendering.OfAsync("overlays/sqlite msk-iam")).Manifests
            .Select(m => m.Pod()).OfType<k8s.Models.V1PodSpec>().SelectMany(pod => pod.Containers).Select(container => container.Image.Split(':')[0]).Distinct();

        Assert.Equal(images.Order(), Yaml.Parse(_document.Blocks.Single(block => block.Text.StartsWith("images:", StringComparison.Ordinal)).Text)
            .At("images").Items().Select(image => (string)image.At("name")).Order());
    }

    private async Task<string> RenderAsync(string folder)
    {
        var (exitCode, manifests, errors) = await overlays.RenderAsync(folder);
        Assert.True(exitCode == 0, errors);
        return manifests;
    }

    [GeneratedRegex(@"secret(?:KeyRef:\n\s+key: \w+\n\s+name|Name): ([a-z-]+)")]
    private static partial Regex Secrets();

    [GeneratedRegex(@"^helm install (\S+) (\S+) --repo (\S+) --version (\S+).*")]
    private static partial Regex Helm();

    [GeneratedRegex(@"--set '?([\w.]+)=([^\s']+)")]
    private static partial Regex Values();

    [GeneratedRegex(@"apache/kafka:([\d.]+)")]
    private static partial Regex KafkaVersions();

    [GeneratedRegex(@"\bSimpleTime[A-Z][A-Za-z]+\b")]
    private static partial Regex Alerts();

    [GeneratedRegex(@"(?:KEDA |install keda keda .*--version )(\d+\.\d+)")]
    private static partial Regex KedaVersions();
}
