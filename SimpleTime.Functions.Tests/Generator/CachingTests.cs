using Microsoft.CodeAnalysis;
using SimpleTime.Functions.Worker.Generator;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class CachingTests
{
    private const string Functions = """
        public class Output
        {
            [HttpResult] public IResult? Response { get; set; }
            [KafkaOutput("b", "t", LingerMs = 1)] public string[]? Events { get; set; }
        }
        public class C(List<string> log, [FromKeyedServices("key")] string? text = null)
        {
            [Function("Good")]
            public Output Good([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) { log.Add(text!); return new(); }
            [Function("Retried"), FixedDelayRetry(1, "00:00:01")]
            public void Retried([KafkaTrigger("b", "t")] KafkaRecord record) { }
            [Function("Bad")]
            public IResult Bad() => Results.Ok();
        }
        """;

    [Fact]
    public void An_edit_of_another_file_reads_the_functions_and_finds_them_unchanged()
    {
        var run = GeneratorRun.Of(Functions, "public class Other;")
            .Again(static c => Replace(c, "/src/File1.cs", "public class Other { public int Number; }"));

        AssertReasons(run, FunctionsGenerator.CandidatesStep, IncrementalStepRunReason.Unchanged, IncrementalStepRunReason.Cached);
        AssertReasons(run, FunctionsGenerator.CatalogueStep, IncrementalStepRunReason.Cached);
        AssertReasons(run, FunctionsGenerator.DiagnosticsStep, IncrementalStepRunReason.Cached);
        AssertOutputs(run, IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void A_line_above_a_function_moves_its_diagnostics_but_writes_no_code()
    {
        var run = GeneratorRun.Of(Functions).Again(static c => Replace(c, "/src/File0.cs", "// A comment.\n" + Functions));

        AssertReasons(run, FunctionsGenerator.CatalogueStep, IncrementalStepRunReason.Unchanged, IncrementalStepRunReason.Cached);
        AssertReasons(run, FunctionsGenerator.DiagnosticsStep, IncrementalStepRunReason.Modified);
        run.AssertOne("FUNC008", "Bad");
    }

    [Fact]
    public void An_edit_of_a_function_writes_its_code_anew()
    {
        var run = GeneratorRun.Of(Functions)
            .Again(static c => Replace(c, "/src/File0.cs", Functions.Replace("LingerMs = 1", "LingerMs = 2", StringComparison.Ordinal)));

        AssertReasons(run, FunctionsGenerator.CatalogueStep, IncrementalStepRunReason.Modified);
        Assert.Contains("LingerMs = 2", run.Generated, StringComparison.Ordinal);
    }

    private static Compilation Replace(Compilation compilation, string path, string source) =>
        compilation.ReplaceSyntaxTree(compilation.SyntaxTrees.Single(tree => tree.FilePath == path), GeneratorRun.Parse(source, path));

    private static void AssertReasons(GeneratorRun run, string step, params IncrementalStepRunReason[] allowed)
    {
        var outputs = run.Driver.GetRunResult().Results.Single().TrackedSteps[step].SelectMany(static s => s.Outputs).ToList();
        Assert.NotEmpty(outputs);
        Assert.All(outputs, output => Assert.Contains(output.Reason, allowed));
    }

    private static void AssertOutputs(GeneratorRun run, IncrementalStepRunReason reason)
    {
        var steps = run.Driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(static s => s.Value);
        var outputs = steps.SelectMany(static s => s.Outputs).ToList();
        Assert.NotEmpty(outputs);
        Assert.All(outputs, output => Assert.Equal(reason, output.Reason));
    }
}
