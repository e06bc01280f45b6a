using System.Collections.Concurrent;
using k8s.Models;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What an overlay of <c>keda/</c> with components comes to. Immutable; each is rendered once.</summary>
internal sealed class Rendering
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Rendering>>> _known = new();

    private Rendering(string text)
    {
        Text = text;
        Manifests = Manifest.All(text);
    }

    /// <summary>The documents as one text.</summary>
    public string Text { get; }

    public IReadOnlyList<Manifest> Manifests { get; }

    /// <summary>The service's workloads that run for ever: without the job, and without a Kafka beside them.</summary>
    public IEnumerable<Manifest> Workloads => Manifests.Where(m => m.Kind is "Deployment" or "StatefulSet" && m.IsOfTheService);

    /// <summary>Each of <see cref="Names"/>, for a theory.</summary>
    public static TheoryData<string> Combinations => [.. Names];

    /// <summary>
    /// What is installed: each overlay alone, with each component that it takes, and with all that go together. An overlay and
    /// components, separated by blanks.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "base",
        .. from components in (string[])["", " tls", " mtls", " sasl", " tls sasl", " msk-iam", " https", " monitoring", " spool-volume", " strimzi-topic"]
           select $"overlays/sqlite{components}",
        .. from security in (string[])["", " tls", " tls mtls", " sasl", " tls sasl", " msk-iam"]
           select $"overlays/sqlite{security} https monitoring spool-volume strimzi-topic",
        "overlays/sqlite spool-volume monitoring strimzi-topic https tls mtls sasl",
        "overlays/local",
        "overlays/local monitoring",
    ];

    /// <summary>What a cluster has once: folders of <c>keda/</c> and components, as in <see cref="Names"/>.</summary>
    public static IReadOnlyList<string> Platforms { get; } = ["platform", "platform eks-auto-mode", "platform/strimzi"];

    /// <summary>Renders.</summary>
    /// <param name="combination">One as in <see cref="Combinations"/>.</param>
    public static Task<Rendering> OfAsync(string combination) =>
        _known.GetOrAdd(combination, key => new Lazy<Task<Rendering>>(() => RenderAsync(key))).Value;

    /// <summary>What it comes to with a mistake in it.</summary>
    public Rendering With(string text, string mistake)
    {
        Assert.Contains(text, Text, StringComparison.Ordinal);
        return new Rendering(Text.Replace(text, mistake, StringComparison.Ordinal));
    }

    /// <summary>The one of a kind and name.</summary>
    public Manifest One(string kind, string name) => Assert.Single(Manifests, m => m.Kind == kind && m.Name == name);

    /// <summary>The settings of a workload's container; null for one that is a secret or a field of the pod.</summary>
    public IReadOnlyDictionary<string, string?> Environment(Manifest workload)
    {
        var container = workload.Pod()!.Containers.Single();
        var settings = new Dictionary<string, string?>();
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in ((V1ConfigMap)One("ConfigMap", source.ConfigMapRef.Name).Read()).Data)
            {
                settings[name] = value;
            }
        }

        foreach (var variable in container.Env)
        {
            settings[variable.Name] = variable.Value;
        }

        return settings;
    }

    private static async Task<Rendering> RenderAsync(string combination)
    {
        var parts = combination.Split(' ');
        var (exitCode, manifests, errors) = await Kubectl.RenderAsync(parts[0], parts[1..]);
        Assert.True(exitCode == 0, errors);
        return new Rendering(manifests);
    }
}
