using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SimpleTime.Functions.Worker.Generator;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

/// <summary>The generator run on a source text, with nullable on and warnings as errors.</summary>
internal sealed class GeneratorRun
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.Azure.Functions.Worker;
        global using Microsoft.Extensions.DependencyInjection;
        """;

    private static readonly CSharpParseOptions _parseOptions = new(LanguageVersion.Latest);

    private static readonly string[] _referencePrefixes =
        ["System.", "Microsoft.AspNetCore.", "Microsoft.Extensions.", "netstandard", "SimpleTime.Functions.Worker.dll"];

    private static readonly ImmutableArray<MetadataReference> _references =
        [.. from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            where _referencePrefixes.Any(prefix => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal))
            select MetadataReference.CreateFromFile(path)];

    private GeneratorRun(GeneratorDriver driver, Compilation input)
    {
        Input = input;
        Driver = driver.RunGeneratorsAndUpdateCompilation(input, out var output, out _);
        Output = output;
    }

    public GeneratorDriver Driver { get; }

    public Compilation Input { get; }

    public Compilation Output { get; }

    public ImmutableArray<Diagnostic> Diagnostics => Driver.GetRunResult().Diagnostics;

    /// <summary>The generated file; empty when there is none.</summary>
    public string Generated => GeneratedTree?.ToString() ?? "";

    public SyntaxTree? GeneratedTree => Driver.GetRunResult().GeneratedTrees.SingleOrDefault();

    public static GeneratorRun Of(params string[] sources)
    {
        var trees = sources.Select((source, i) => Parse(source, $"/src/File{i}.cs"));
        var compilation = CSharpCompilation.Create(
            $"Snippet{Guid.NewGuid():N}",
            [Parse(Usings, "/src/Usings.cs"), .. trees],
            _references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable,
                generalDiagnosticOption: ReportDiagnostic.Error,
                warningLevel: 9999));
        var driver = CSharpGeneratorDriver.Create(
            [new FunctionsGenerator().AsSourceGenerator()],
            parseOptions: _parseOptions,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new(driver, compilation);
    }

    public static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source, _parseOptions, path);

    /// <summary>Runs the same driver again.</summary>
    public GeneratorRun Again(Func<Compilation, Compilation> edit) => new(Driver, edit(Input));

    /// <summary>Checks that the generator found nothing wrong and its code compiles without a warning.</summary>
    public GeneratorRun AssertClean()
    {
        Assert.Empty(Diagnostics);
        AssertCompiles();
        return this;
    }

    /// <summary>Checks that the compiler itself has nothing to say, so that a generator's diagnostic is all its reader sees.</summary>
    public void AssertCompiles() =>
        Assert.Empty(Output.GetDiagnostics().Where(static d => d.Severity is DiagnosticSeverity.Error or DiagnosticSeverity.Warning));

    /// <summary>Checks the only diagnostic.</summary>
    public void AssertOne(string id, string spanText, params string[] words) => AssertOne(id, [spanText], words);

    /// <summary>Checks the only diagnostics, all of one id, and that no code was written for a function with an error.</summary>
    public void AssertOne(string id, string[] spanTexts, params string[] words)
    {
        AssertCompiles();
        Assert.All(Diagnostics, diagnostic =>
        {
            Assert.Equal(id, diagnostic.Id);
            Assert.Equal("Functions", diagnostic.Descriptor.Category);
            Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
            Assert.All(words, word => Assert.Contains(word, diagnostic.GetMessage(null), StringComparison.Ordinal));
        });
        Assert.Equal(spanTexts, Diagnostics.Select(SpanText));
    }

    private string SpanText(Diagnostic diagnostic)
    {
        var path = diagnostic.Location.GetLineSpan().Path;
        var text = Input.SyntaxTrees.Single(tree => tree.FilePath == path).GetText();
        Assert.Equal(text.Lines.GetLinePositionSpan(diagnostic.Location.SourceSpan), diagnostic.Location.GetLineSpan().Span);
        return text.ToString(diagnostic.Location.SourceSpan);
    }
}
