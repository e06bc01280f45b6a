using System.Collections.Immutable;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Finds functions of one name.</summary>
internal static class DuplicateNames
{
    /// <summary>Returns the diagnostics of all functions, each once, with those about names used before.</summary>
    public static EquatableArray<DiagnosticInfo> AddTo(ImmutableArray<FunctionCandidate> candidates)
    {
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var diagnostics = new List<DiagnosticInfo>();
        foreach (var candidate in candidates)
        {
            diagnostics.AddRange(candidate.Diagnostics);
            if (candidate.Entry.Name is not { } name)
            {
                continue;
            }

            if (owners.TryGetValue(name, out var owner))
            {
                diagnostics.Add(new(FunctionDiagnostics.DuplicateName, candidate.NameLocation, new([name, owner])));
            }
            else
            {
                owners.Add(name, candidate.EntryPoint);
            }
        }

        return new(diagnostics.Distinct());
    }
}
