using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>
/// Finds the methods marked with <c>[Function]</c> and writes, into the same assembly, a catalogue of them with a typed
/// invoker for each. A function with an error is left out, so that the error is all its author sees.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class FunctionsGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step that reads one method, for tests of the cache.</summary>
    internal const string CandidatesStep = "Candidates";

    /// <summary>The name of the step that chooses the functions to write, for tests of the cache.</summary>
    internal const string CatalogueStep = "Catalogue";

    /// <summary>The name of the step that gathers what is wrong, for tests of the cache.</summary>
    internal const string DiagnosticsStep = "Diagnostics";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var candidates = context.SyntaxProvider
            .ForAttributeWithMetadataName(KnownTypes.FunctionAttribute, static (_, _) => true, FunctionParser.Parse)
            .WithTrackingName(CandidatesStep);

        // Locations stay out of this branch: a line added above a function must not write the catalogue anew.
        var catalogue = candidates
            .Select(static (candidate, _) => candidate.Entry)
            .Collect()
            .Select(static (entries, _) => Choose(entries))
            .WithTrackingName(CatalogueStep);

        var diagnostics = candidates
            .Collect()
            .Select(static (all, _) => DuplicateNames.AddTo(all))
            .WithTrackingName(DiagnosticsStep);

        context.RegisterImplementationSourceOutput(catalogue, static (output, functions) =>
        {
            if (functions.Count > 0)
            {
                output.AddSource("Functions.g.cs", SourceText.From(CatalogueEmitter.Emit(functions), Encoding.UTF8));
            }
        });

        context.RegisterSourceOutput(diagnostics, static (output, all) =>
        {
            foreach (var diagnostic in all)
            {
                output.ReportDiagnostic(diagnostic.ToDiagnostic());
            }
        });
    }

    private static EquatableArray<FunctionModel> Choose(ImmutableArray<CatalogueEntry> entries)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var functions = new List<FunctionModel>();
        foreach (var (name, function) in entries)
        {
            if (name is not null && names.Add(name) && function is not null)
            {
                functions.Add(function);
            }
        }

        functions.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return new(functions);
    }
}
