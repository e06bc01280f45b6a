using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Reads what a function returns.</summary>
internal static class ResultParser
{
    public static ResultModel Parse(
        IMethodSymbol method,
        string name,
        TriggerKind trigger,
        Location? location,
        DiagnosticBag diagnostics,
        CancellationToken cancellationToken)
    {
        var isAsync = method.IsAsync || method.PartialImplementationPart is { IsAsync: true };
        if (isAsync && method.ReturnsVoid)
        {
            diagnostics.Report(FunctionDiagnostics.AsyncVoid, location, name);
            return ResultModel.None;
        }

        var value = ValueOf(method.ReturnType);
        if (value is { TypeKind: TypeKind.Error })
        {
            diagnostics.LeaveToCompiler();
            return ResultModel.None;
        }

        if (!method.ReturnsByRef && !method.ReturnsByRefReadonly)
        {
            if (value is null && trigger == TriggerKind.Kafka)
            {
                return ResultModel.None;
            }

            if (value is not null && trigger == TriggerKind.Http && KnownTypes.ImplementsIResult(value))
            {
                return ResultModel.Answer;
            }

            if (value is INamedTypeSymbol { TypeKind: TypeKind.Class } type
                && !KnownTypes.ImplementsIResult(type) && OutputProperties.Exist(type, trigger))
            {
                return new(true, new OutputParser(type, name, trigger, location, diagnostics, cancellationToken).Parse());
            }
        }

        diagnostics.Report(
            FunctionDiagnostics.UnsupportedReturnType, location, SymbolNames.Readable(method.ReturnType),
            trigger == TriggerKind.Http
                ? "return IResult, or a public class with one [HttpResult] property of type IResult, or a Task or ValueTask of these"
                : "return void, or a public class with [KafkaOutput] properties, or a Task or ValueTask");
        return ResultModel.None;
    }

    /// <summary>Returns the type without the task around it; null when there is no value.</summary>
    private static ITypeSymbol? ValueOf(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Void ? null
        : KnownTypes.IsTask(type) ? ((INamedTypeSymbol)type).TypeArguments.FirstOrDefault()
        : type;
}
