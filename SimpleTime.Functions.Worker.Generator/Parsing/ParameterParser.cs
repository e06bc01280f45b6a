using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Reads the parameters of a function.</summary>
internal static class ParameterParser
{
    private const string IsBatched = "IsBatched";

    public static EquatableArray<ParameterKind> Parse(
        IMethodSymbol method, Trigger trigger, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var kinds = new List<ParameterKind>();
        foreach (var parameter in method.Parameters)
        {
            var kind = KindOf(parameter, trigger);
            if (parameter.Type.TypeKind == TypeKind.Error)
            {
                diagnostics.LeaveToCompiler();
            }
            else if (kind is null || parameter.RefKind != RefKind.None)
            {
                diagnostics.Report(
                    FunctionDiagnostics.UnsupportedParameter, parameter.Locations[0], parameter.Name,
                    SymbolNames.Readable(parameter.Type), Advice(parameter, trigger, kind));
            }
            else
            {
                CheckBatch(kind.Value, parameter, trigger, diagnostics, cancellationToken);
                kinds.Add(kind.Value);
            }
        }

        return new(kinds);
    }

    private static ParameterKind? KindOf(IParameterSymbol parameter, Trigger trigger)
    {
        var type = parameter.Type;
        if (SymbolEqualityComparer.Default.Equals(parameter, trigger.Parameter))
        {
            return trigger.Kind switch
            {
                TriggerKind.Http when KnownTypes.IsHttpRequest(type) => ParameterKind.HttpRequest,
                TriggerKind.Kafka when KnownTypes.IsKafkaRecordArray(type) => ParameterKind.KafkaRecords,
                TriggerKind.Kafka when KnownTypes.IsKafkaRecord(type) => ParameterKind.KafkaRecord,
                _ => null,
            };
        }

        return KnownTypes.IsFunctionContext(type) ? ParameterKind.FunctionContext
            : KnownTypes.IsCancellationToken(type) ? ParameterKind.CancellationToken
            : null;
    }

    private static string Advice(IParameterSymbol parameter, Trigger trigger, ParameterKind? kind)
    {
        if (kind is not null)
        {
            return "take it by value";
        }

        return (SymbolEqualityComparer.Default.Equals(parameter, trigger.Parameter), trigger.Kind) switch
        {
            (true, TriggerKind.Http) => "[HttpTrigger] takes an HttpRequest",
            (true, _) => "[KafkaTrigger] takes a KafkaRecord, or a KafkaRecord[] with IsBatched = true",
            _ => "a function also takes FunctionContext and CancellationToken, and services through its class's constructor",
        };
    }

    private static void CheckBatch(
        ParameterKind kind, IParameterSymbol parameter, Trigger trigger, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        if (kind is not (ParameterKind.KafkaRecord or ParameterKind.KafkaRecords))
        {
            return;
        }

        var isBatched = AttributeReader.Value(trigger.Attribute, IsBatched) is true;
        if (isBatched != (kind == ParameterKind.KafkaRecords))
        {
            diagnostics.Report(
                isBatched ? FunctionDiagnostics.BatchDeclared : FunctionDiagnostics.BatchNotDeclared,
                AttributeReader.LocationOf(trigger.Attribute, IsBatched, cancellationToken), parameter.Name);
        }
    }
}
