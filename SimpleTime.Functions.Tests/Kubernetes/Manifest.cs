using System.Globalization;
using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>One rendered document. Immutable.</summary>
internal sealed class Manifest
{
    private static readonly string[] _customGroups =
    [
        "keda.sh", "monitoring.coreos.com", "kafka.strimzi.io", "argoproj.io", "snapshot.storage.k8s.io",
        "external-secrets.io", "elasticsearch.k8s.elastic.co", "kibana.k8s.elastic.co",
    ];

    private readonly YamlNode _root;
    private readonly Lazy<object> _object;

    private Manifest(string text)
    {
        Text = text;
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        _root = stream.Documents.Single().RootNode;
        _object = new(() => KubernetesYaml.LoadAllFromString(text, strict: true).Single());
    }

    /// <summary>The document as it was rendered.</summary>
    public string Text { get; }

    public string Kind => this["kind"]!;

    public string Name => this["metadata", "name"]!;

    public string? Namespace => this["metadata", "namespace"];

    /// <summary>Whether a custom resource definition says what it may hold.</summary>
    public bool IsCustom => _customGroups.Contains(this["apiVersion"]!.Split('/')[0]);

    /// <summary>Whether it is a part of the service, by its label.</summary>
    public bool IsOfTheService => this["metadata", "labels", "app.kubernetes.io/name"] == "simple-time";

    /// <summary>The scalar at a path; null where there is none. A number stands for a place in a list.</summary>
    public string? this[params string[] path] => (Find(path) as YamlScalarNode)?.Value;

    /// <summary>The documents of a rendering.</summary>
    public static IReadOnlyList<Manifest> All(string manifests) =>
        [.. manifests.Split("\n---\n", StringSplitOptions.RemoveEmptyEntries).Select(text => new Manifest(text))];

    /// <summary>The entries of a map of scalars; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Map(params string[] path) => Find(path) is YamlMappingNode map
        ? map.Children.ToDictionary(child => ((YamlScalarNode)child.Key).Value!, child => ((YamlScalarNode)child.Value).Value!)
        : [];

    /// <summary>How many entries a list has.</summary>
    public int Count(params string[] path) => Find(path) is YamlSequenceNode list ? list.Children.Count : 0;

    /// <summary>The document as an object of the Kubernetes API.</summary>
    /// <exception cref="YamlDotNet.Core.YamlException">The API has no such field, or the value does not fit.</exception>
    /// <exception cref="KeyNotFoundException">The API has no such kind.</exception>
    public object Read() => _object.Value;

    /// <summary>The pod that it makes; null when it makes none.</summary>
    public V1PodSpec? Pod() => IsCustom ? null : Read() switch
    {
        V1Deployment deployment => deployment.Spec.Template.Spec,
        V1StatefulSet set => set.Spec.Template.Spec,
        V1Job job => job.Spec.Template.Spec,
        _ => null,
    };

    private YamlNode? Find(string[] path)
    {
        var node = _root;
        foreach (var key in path)
        {
            node = node switch
            {
                YamlMappingNode map => map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null,
                YamlSequenceNode list when int.Parse(key, CultureInfo.InvariantCulture) is var i && i < list.Children.Count => list.Children[i],
                _ => null,
            };
            if (node is null)
            {
                return null;
            }
        }

        return node;
    }
}
