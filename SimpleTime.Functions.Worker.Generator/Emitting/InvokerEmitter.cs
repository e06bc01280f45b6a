using Microsoft.CodeAnalysis.CSharp;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Writes the method that calls one function. It is async only when there is something to await.</summary>
internal static class InvokerEmitter
{
    /// <summary>Returns the name of the method, one for each valid function name.</summary>
    public static string NameOf(FunctionModel function) => "Invoke" + function.Name.Replace("_", "__").Replace("-", "_0");

    public static void Emit(CodeWriter code, FunctionModel function)
    {
        var isAsync = function.IsAwaited || function.Disposal == Disposal.Asynchronous;
        code.Line(
            $"private static {(isAsync ? "async " : "")}global::System.Threading.Tasks.ValueTask {NameOf(function)}" +
            "(global::SimpleTime.Functions.Worker.InvocationBindings bindings)");
        code.Open();
        EmitInstance(code, function);
        if (function.Disposal == Disposal.Asynchronous)
        {
            code.Line("try");
            code.Open();
            EmitCall(code, function);
            code.Close();
            code.Line("finally");
            code.Open();
            code.Line("await ((global::System.IAsyncDisposable)function).DisposeAsync().ConfigureAwait(false);");
            code.Close();
        }
        else
        {
            EmitCall(code, function);
        }

        if (!isAsync)
        {
            code.Line("return default;");
        }

        code.Close();
    }

    private static void EmitInstance(CodeWriter code, FunctionModel function)
    {
        if (function.IsStatic)
        {
            return;
        }

        if (function.Dependencies.Count > 0)
        {
            code.Line("var services = bindings.Services;");
        }

        var arguments = string.Join(", ", function.Dependencies.Select(Argument));
        var declaration = function.Disposal == Disposal.Synchronous ? "using var" : "var";
        code.Line($"{declaration} function = new {function.TypeName}({arguments});");
    }

    private static void EmitCall(CodeWriter code, FunctionModel function)
    {
        var target = function.IsStatic ? function.TypeName : "function";
        var call = $"{target}.{function.MethodName}({string.Join(", ", function.Parameters.Select(Argument))})";
        if (function.IsAwaited)
        {
            call = $"await {call}.ConfigureAwait(false)";
        }

        if (!function.Result.HasValue)
        {
            code.Line($"{call};");
            code.Line("bindings.SetResult(null);");
            return;
        }

        if (function.Result.Outputs.Count == 0)
        {
            code.Line($"bindings.SetResult({call});");
            return;
        }

        code.Line($"var result = {call};");
        code.Line("bindings.SetResult(result);");
        code.Line("if (result is not null)");
        code.Open();
        foreach (var output in function.Result.Outputs)
        {
            // Without the cast a dynamic property would make the call a dynamic one.
            var name = SymbolDisplay.FormatLiteral(output.Name, quote: true);
            code.Line($"bindings.SetOutput({name}, (object)result.{SymbolNames.Identifier(output.Name)});");
        }

        code.Close();
    }

    private static string Argument(ParameterKind parameter) => parameter switch
    {
        ParameterKind.HttpRequest => "bindings.HttpRequest",
        ParameterKind.KafkaRecords => "bindings.KafkaRecords",
        ParameterKind.KafkaRecord => "bindings.KafkaRecords[0]",
        ParameterKind.FunctionContext => "bindings.Context",
        _ => "bindings.Context.CancellationToken",
    };

    private static string Argument(DependencyModel dependency, int index)
    {
        const string extensions = "global::Microsoft.Extensions.DependencyInjection.ServiceProvider";
        if (dependency.IsServiceProvider)
        {
            return "services";
        }

        return (dependency.Key, dependency.Fallback) switch
        {
            (null, null) => $"{extensions}ServiceExtensions.GetRequiredService<{dependency.TypeName}>(services)",
            ({ } key, null) => $"{extensions}KeyedServiceExtensions.GetRequiredKeyedService<{dependency.TypeName}>(services, {key})",
            (null, { } fallback) => $"services.GetService(typeof({dependency.TypeName})) {OrElse(fallback)}",
            ({ } key, { } fallback) =>
                "((global::Microsoft.Extensions.DependencyInjection.IKeyedServiceProvider)services)" +
                $".GetKeyedService(typeof({dependency.TypeName}), {key}) {OrElse(fallback)}",
        };

        // GetService<T>() ?? value would unbox null for a value type.
        string OrElse(FallbackModel fallback) => $"is {fallback.PatternType} service{index} ? service{index} : {fallback.Value}";
    }
}
