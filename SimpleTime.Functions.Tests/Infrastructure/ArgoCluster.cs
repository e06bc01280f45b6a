using System.Collections.Concurrent;
using SimpleTime.Functions.Tests.Kubernetes;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;
using YamlDotNet.Serialization;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>
/// What Argo CD makes of <c>gitops/</c> in a cluster: the Applications, those of ApplicationSets too, and what their folders come to;
/// not what charts come to. Immutable.
/// </summary>
internal sealed class ArgoCluster
{
    /// <summary>A registry of nobody's.</summary>
    public const string Registry = "registry.example.com";

    /// <summary>The addresses of whom Terraform was told of.</summary>
    public const string HttpCidrs = "203.0.113.7/32";

    /// <summary>The VPC's addresses, others than those in <c>keda/</c>.</summary>
    public const string VpcCidr = "10.20.0.0/16";

    private static readonly ConcurrentDictionary<(string Environment, string Kafka, string Certificate), Lazy<Task<ArgoCluster>>> _known = new();

    private static readonly ISerializer _serializer = new SerializerBuilder().WithQuotingNecessaryStrings().Build();

    private ArgoCluster(string text)
    {
        Text = text;
        Manifests = Manifest.All(text);
        Applications = [.. Manifests.Where(m => m.Kind == "Application").Select(m => new ArgoApplication(m.Text))];
    }

    /// <summary>All documents as one text.</summary>
    public string Text { get; }

    public IReadOnlyList<Manifest> Manifests { get; }

    public IReadOnlyList<ArgoApplication> Applications { get; }

    /// <summary>Renders, each once.</summary>
    /// <param name="environment">A folder of <c>gitops/environments</c>.</param>
    /// <param name="kafka">A folder of <c>gitops/service</c> with Kafka.</param>
    /// <param name="certificate">The load balancer's certificate; empty for none.</param>
    public static Task<ArgoCluster> OfAsync(string environment, string kafka, string certificate) => _known.GetOrAdd(
        (environment, kafka, certificate), key => new Lazy<Task<ArgoCluster>>(() => RenderAsync(key.Environment, key.Kafka, key.Certificate))).Value;

    /// <summary>What it comes to with a mistake in it.</summary>
    public ArgoCluster With(string part, string mistake) => new(Planted.In(Text, part, mistake));

    private static async Task<ArgoCluster> RenderAsync(string environment, string kafka, string certificate)
    {
        using var folder = new TempFolder();
        var secret = folder.Combine("secret.yaml");
        await File.WriteAllTextAsync(secret, Secret(environment, certificate));
        var documents = new List<string>();
        foreach (var document in Documents($"{await KustomizeAsync($"gitops/environments/{environment}")}\n---\n{Repository.Read("gitops/bootstrap/root.yaml")}"))
        {
            documents.Add(Yaml.Parse(document).At("kind") is "ApplicationSet"
                ? Application(await TemplateAsync(secret, document.Replace("kafka: strimzi", $"kafka: {kafka}", StringComparison.Ordinal)))
                : document);
        }

        foreach (var application in documents.Where(d => Yaml.Parse(d).At("kind") is "Application").Select(d => new ArgoApplication(d)).ToArray())
        {
            foreach (var source in application.Sources.Where(s => s.At("path") is string path && path.Length > 0 && application.Name != "root"))
            {
                documents.AddRange(Documents(await RenderAsync(source)));
            }
        }

        return new ArgoCluster(string.Join("\n---\n", documents.Select(d => d.Trim('\n'))));
    }

    private static string[] Documents(string text) => text.Split("\n---\n", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The cluster as Terraform renders it, with the same annotations.</summary>
    private static string Secret(string environment, string certificate)
    {
        var known = new Dictionary<string, string>
        {
            ["registry"] = Registry,
            ["http_cidrs"] = HttpCidrs,
            ["vpc_cidr"] = VpcCidr,
            ["certificate_arn"] = certificate,
            ["region"] = "eu-north-1",
            ["kafka_brokers"] = "b-1.example.com:9098,b-2.example.com:9098",
        };
        return _serializer.Serialize(new Dictionary<string, object>
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new Dictionary<string, object>
            {
                ["name"] = "in-cluster",
                ["labels"] = new Dictionary<string, string> { ["environment"] = environment },
                ["annotations"] = TerraformFiles.Annotations(Repository.Read("infra/outputs.tf"))
                    .ToDictionary(name => name, name => known.GetValueOrDefault(name, $"the-{name}")),
            },
        });
    }

    /// <summary>An ApplicationSet's text with the cluster's values in it, by kubectl's own Go templates.</summary>
    private static async Task<string> TemplateAsync(string secret, string text)
    {
        foreach (var (name, value) in Yaml.Parse(text).At("spec", "generators").Items()[0].At("clusters", "values").Entries())
        {
            text = text.Replace($".values.{name}", $"\"{value}\"", StringComparison.Ordinal);
        }

        var template = secret + ".tmpl";
        await File.WriteAllTextAsync(template, text);
        // With missingkey=error, as the sets have it.
        return Succeeded(await Kubectl.RunAsync(
            "label", "--local", "-f", secret, "rendered=true", "--allow-missing-template-keys=false", "-o", $"go-template-file={template}"));
    }

    private static string Application(string set)
    {
        var template = (Dictionary<object, object?>)Yaml.Parse(set).At("spec", "template");
        template["apiVersion"] = "argoproj.io/v1alpha1";
        template["kind"] = "Application";
        return _serializer.Serialize(template);
    }

    /// <summary>A source's folder, with the images and patches of its Application.</summary>
    private static async Task<string> RenderAsync(object source)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("kustomization.yaml"), _serializer.Serialize(new Dictionary<string, object>
        {
            ["resources"] = new[] { Path.GetRelativePath(folder.Path, Repository.PathOf((string)source.At("path"))) },
            ["images"] = source.At("kustomize", "images").Items().Select(image => ((string)image).Split('=', ':')).Select(
                part => new Dictionary<string, string> { ["name"] = part[0], ["newName"] = part[1], ["newTag"] = part[2] }).ToArray(),
            ["patches"] = source.At("kustomize", "patches").Items(),
        }));
        return Succeeded(await Kubectl.RenderAsync(folder.Path));
    }

    private static async Task<string> KustomizeAsync(string folder) => Succeeded(await Kubectl.RenderAsync(Repository.PathOf(folder)));

    private static string Succeeded((int ExitCode, string Output, string Errors) run)
    {
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output;
    }
}
