using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What is wrong with one function.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<DiagnosticInfo> _diagnostics = [];
    private bool _isBroken;

    /// <summary>Gets whether code can be written for the function.</summary>
    public bool IsClean => !_isBroken && _diagnostics.Count == 0;

    public void Report(DiagnosticDescriptor descriptor, Location? location, params string[] arguments) =>
        _diagnostics.Add(new(descriptor, LocationInfo.From(location), new(arguments)));

    /// <summary>Leaves the function out without a word: the compiler itself reports what is wrong.</summary>
    public void LeaveToCompiler() => _isBroken = true;

    public EquatableArray<DiagnosticInfo> ToArray() => new(_diagnostics);
}
