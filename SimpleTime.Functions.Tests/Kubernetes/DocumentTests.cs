using System.Text.Json;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What <c>docs/kubernetes.md</c> says can be done, as far as it can be without a cluster.</summary>
public sealed partial class DocumentTests
{
    private static readonly string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "kubernetes.md"));

    [KubectlFact]
    public async Task The_overlay_that_it_shows_renders_and_is_valid()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(
            folder.Combine("kustomization.yaml"),
            Block("yaml").Replace("service/keda", Path.GetRelativePath(folder.Path, Kubectl.PathOf("")).TrimEnd('/'), StringComparison.Ordinal));

        var (exitCode, manifests, errors) = await Kubectl.RenderAsync(folder.Path);

        Assert.True(exitCode == 0, errors);
        Assert.All(Manifest.All(manifests).Where(m => !m.IsCustom), m => m.Read());
        Assert.DoesNotContain("10.0.0.0/16", manifests, StringComparison.Ordinal);
        Assert.DoesNotContain("00000000-0000", manifests, StringComparison.Ordinal);
        Assert.DoesNotContain("image: simple-time-functions", manifests, StringComparison.Ordinal);
        Assert.Contains("  OTEL_EXPORTER_OTLP_ENDPOINT: http://otel-collector.observability.svc:4317", manifests, StringComparison.Ordinal);
        Assert.Contains("  KAFKA_SECURITY_PROTOCOL: sasl_ssl", manifests, StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task What_its_commands_name_is_in_the_manifests()
    {
        var rendering = await Rendering.OfAsync("overlays/sqlite");
        var named = Named().Matches(_text).Select(m => (Kind: m.Groups[1].Value, Name: m.Groups[2].Value)).Distinct().ToArray();

        Assert.True(named.Length >= 5, string.Join(' ', named));
        Assert.All(named, one => Assert.Contains(rendering.Manifests,
            m => string.Equals(m.Kind, one.Kind, StringComparison.OrdinalIgnoreCase) && m.Name == one.Name));
    }

    [KubectlFact]
    public async Task The_secrets_that_it_has_made_are_those_that_pods_refer_to()
    {
        var rendering = await Rendering.OfAsync("overlays/sqlite tls mtls sasl");
        foreach (var secret in Secrets().Matches(rendering.Text).Select(m => m.Groups[1].Value).Distinct())
        {
            Assert.Contains(secret, _text, StringComparison.Ordinal);
        }

        Assert.Contains("secret generic simple-time-keys --from-literal=first=", _text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_names_each_component()
    {
        Assert.All(Directory.GetDirectories(Kubectl.PathOf("components")),
            folder => Assert.Contains($"| `{Path.GetFileName(folder)}` |", _text, StringComparison.Ordinal));
    }

    [KubectlFact]
    public async Task Its_policy_for_MSK_allows_the_topic_and_group_of_the_manifests()
    {
        var policy = JsonElement.Parse(Block("json")).GetProperty("Statement").EnumerateArray()
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

        Assert.Equal(images.Order(), Yaml.Parse(Block("yaml", _text.IndexOf("## MSK with IAM", StringComparison.Ordinal)))
            .At("images").Items().Select(image => (string)image.At("name")).Order());
    }

    private static string Block(string language, int from = 0)
    {
        var start = _text.IndexOf($"```{language}\n", from, StringComparison.Ordinal) + language.Length + 4;
        return _text[start.._text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"\b(deployment|statefulset|job|service|scaledobject)[/ ](simple-time-[a-z-]+[a-z])\b")]
    private static partial Regex Named();

    [GeneratedRegex(@"secret(?:KeyRef:\n\s+key: \w+\n\s+name|Name): ([a-z-]+)")]
    private static partial Regex Secrets();
}
