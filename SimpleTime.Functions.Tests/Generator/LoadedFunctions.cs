using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

/// <summary>Functions compiled with their generated code and loaded, as the module initializer describes them.</summary>
internal static class LoadedFunctions
{
    // The catalogue is one for the process, and a host started by another test would take these functions for its own.
    private const string Catalogue = """
        public static class CapturedCatalogue
        {
            public static SimpleTime.Functions.Worker.FunctionDescriptor[] Functions = [];

            public static void Register(params ReadOnlySpan<SimpleTime.Functions.Worker.FunctionDescriptor> functions) =>
                Functions = functions.ToArray();
        }
        """;

    public static FunctionDescriptor Load(string source) => Assert.Single(LoadAll(source));

    public static FunctionDescriptor[] LoadAll(string source)
    {
        var run = GeneratorRun.Of(source).AssertClean();
        var generated = run.GeneratedTree!;
        var capturing = generated.ToString()
            .Replace("SimpleTime.Functions.Worker.FunctionCatalogue.", "CapturedCatalogue.", StringComparison.Ordinal);
        Assert.NotEqual(generated.ToString(), capturing);

        using var assembly = new MemoryStream();
        var result = run.Output
            .ReplaceSyntaxTree(generated, GeneratorRun.Parse(capturing, generated.FilePath))
            .AddSyntaxTrees(GeneratorRun.Parse(Catalogue, "/src/Catalogue.cs"))
            .Emit(assembly);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        assembly.Position = 0;

        var loaded = new AssemblyLoadContext(null).LoadFromStream(assembly);
        RuntimeHelpers.RunModuleConstructor(loaded.ManifestModule.ModuleHandle);
        var functions = loaded.GetType("CapturedCatalogue", throwOnError: true)!.GetField("Functions")!;
        return (FunctionDescriptor[])functions.GetValue(null)!;
    }

    public static async Task<FakeBindings> InvokeAsync(this FunctionDescriptor function, FakeBindings? bindings = null)
    {
        bindings ??= new FakeBindings();
        await function.Invoker(bindings);
        return bindings;
    }

    /// <summary>Whether the invoker is compiled to a state machine.</summary>
    public static bool IsAsync(this FunctionDescriptor function) =>
        function.Invoker.Method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null;
}
