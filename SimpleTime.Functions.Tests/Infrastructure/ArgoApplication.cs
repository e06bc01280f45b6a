using SimpleTime.Functions.Tests.Packaging;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>An Application of Argo CD. Immutable.</summary>
internal sealed class ArgoApplication(string text)
{
    private readonly object _root = Yaml.Parse(text);

    /// <summary>The document.</summary>
    public string Text { get; } = text;

    public string Name => (string)_root.At("metadata", "name");

    public string Project => (string)_root.At("spec", "project");

    /// <summary>The namespace that it is for.</summary>
    public string Namespace => (string)_root.At("spec", "destination", "namespace");

    /// <summary>The server that it is for.</summary>
    public string Server => (string)_root.At("spec", "destination", "server");

    public IReadOnlyList<object> Sources => _root.At("spec", "source") is Dictionary<object, object?> one ? [one] : _root.At("spec", "sources").Items();

    /// <summary>The chart of its first source; empty where that is a folder.</summary>
    public string Chart => (string)Sources[0].At("chart");

    /// <summary>The values of its chart, whichever way they are written.</summary>
    public object Values => Sources[0].At("helm", "values") is string { Length: > 0 } written ? Yaml.Parse(written) : Sources[0].At("helm", "valuesObject");

    /// <summary>A setting of how it is synchronized.</summary>
    public object Sync(params string[] path) => _root.At(["spec", "syncPolicy", .. path]);
}
