using YamlDotNet.Serialization;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>YAML as maps, lists and texts. A value that is not there is an empty text, an empty list or an empty map.</summary>
internal static class Yaml
{
    private static readonly IDeserializer _deserializer = new DeserializerBuilder().WithDuplicateKeyChecking().Build();

    /// <summary>Reads a document.</summary>
    /// <param name="text">Its text.</param>
    /// <exception cref="YamlDotNet.Core.YamlException">It is not YAML, or has a key twice.</exception>
    public static object Parse(string text) => _deserializer.Deserialize<object>(text);

    /// <summary>The value under a path of keys.</summary>
    /// <param name="node">Where to start.</param>
    /// <param name="keys">The keys.</param>
    public static object At(this object? node, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            node = (node as Dictionary<object, object?>)?.GetValueOrDefault(key);
        }

        return node ?? "";
    }

    /// <summary>The items of a list.</summary>
    /// <param name="node">The list.</param>
    public static IReadOnlyList<object> Items(this object node) => node as List<object> ?? [];

    /// <summary>The entries of a map.</summary>
    /// <param name="node">The map.</param>
    public static IEnumerable<(string Key, object Value)> Entries(this object node) =>
        (node as Dictionary<object, object?> ?? []).Select(entry => ((string)entry.Key, entry.Value ?? ""));
}
