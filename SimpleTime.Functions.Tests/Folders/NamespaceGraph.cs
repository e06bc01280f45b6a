using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Folders;

/// <summary>Which namespaces of an assembly use which others of it, as its compiled types name each other. Immutable.</summary>
internal sealed class NamespaceGraph
{
    private const string Generated = "SimpleTime.Functions.Worker.Generated.";

    private readonly SortedDictionary<string, SortedSet<string>> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), string> _examples = [];

    /// <summary>Makes the graph.</summary>
    /// <param name="uses">The types that name others, and those.</param>
    /// <param name="root">The namespace that all of them are in, which the names in the graph leave out. It is no part of the graph.</param>
    public NamespaceGraph(IEnumerable<(string User, string Used)> uses, string root)
    {
        foreach (var (user, used) in uses)
        {
            if (Name(user, root) is { } from && Name(used, root) is { } to && from != to)
            {
                (_uses.TryGetValue(from, out var targets) ? targets : _uses[from] = new(StringComparer.Ordinal)).Add(to);
                _examples.TryAdd((from, to), $"{user} --> {used}");
            }
        }
    }

    /// <summary>Reads the graph of one of the repository's assemblies, without the invokers that the generator writes.</summary>
    /// <param name="assembly">The assembly's name, and its root namespace.</param>
    public static NamespaceGraph Of(string assembly) => new(
        TypeUses.ReadOwn(DotnetHost.OutputFile(assembly + ".dll")).Where(use => !use.User.StartsWith(Generated, StringComparison.Ordinal)), assembly);

    /// <summary>Gets the uses that no others imply, as <c>A --> B</c>.</summary>
    public IEnumerable<string> Lines =>
        from use in _uses
        from target in use.Value
        where !use.Value.Any(other => other != target && Way(other, target, []) is not null)
        select $"{use.Key} --> {target}";

    /// <summary>Returns a way from a namespace back to it, a line for each step with the types that make it; null when there is none.</summary>
    public string? FindCircle() => _uses.Keys.Select(start => Way(start, start, [])).FirstOrDefault(way => way is not null) is { } circle
        ? string.Join('\n', circle.Zip(circle.Skip(1), (from, to) => _examples[(from, to)]))
        : null;

    private static string? Name(string type, string root)
    {
        var end = type.LastIndexOf('.');
        return end > root.Length && type.StartsWith(root + '.', StringComparison.Ordinal) ? type[(root.Length + 1)..end] : null;
    }

    private List<string>? Way(string from, string to, HashSet<string> seen)
    {
        if (!seen.Add(from) || !_uses.TryGetValue(from, out var targets))
        {
            return null;
        }

        return targets.Contains(to)
            ? [from, to]
            : targets.Select(next => Way(next, to, seen)).FirstOrDefault(way => way is not null) is { } rest ? [from, .. rest] : null;
    }
}
