using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Finds the one trigger of a function and checks what its attribute says.</summary>
internal static class TriggerParser
{
    private const int Anonymous = 0;
    private const int Function = 2;

    private static readonly string[] _reservedPrefixes = ["admin", "runtime"];

    public static Trigger? Parse(IMethodSymbol method, string name, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var found = (
            from parameter in method.Parameters
            from attribute in parameter.GetAttributes()
            where KnownTypes.IsAnyTrigger(attribute.AttributeClass)
            select (Parameter: parameter, Attribute: attribute)).ToList();
        if (found.Count == 0)
        {
            diagnostics.Report(FunctionDiagnostics.NoTrigger, method.Locations[0], name);
            return null;
        }

        foreach (var (_, extra) in found.Skip(1))
        {
            diagnostics.Report(FunctionDiagnostics.MultipleTriggers, AttributeReader.LocationOf(extra, cancellationToken), name);
        }

        if (found.Count > 1)
        {
            return null;
        }

        var (triggerParameter, trigger) = found[0];
        if (!AttributeReader.IsComplete(trigger))
        {
            diagnostics.LeaveToCompiler();
            return null;
        }

        if (KnownTypes.IsHttpTrigger(trigger.AttributeClass))
        {
            CheckRoute(trigger, name, diagnostics, cancellationToken);
            CheckAuthorizationLevel(trigger, diagnostics, cancellationToken);
            return new(TriggerKind.Http, triggerParameter, trigger);
        }

        if (KnownTypes.IsKafkaTrigger(trigger.AttributeClass))
        {
            return new(TriggerKind.Kafka, triggerParameter, trigger);
        }

        diagnostics.Report(
            FunctionDiagnostics.UnsupportedTrigger, AttributeReader.LocationOf(trigger, cancellationToken),
            AttributeReader.ShortName(trigger));
        return null;
    }

    private static void CheckRoute(AttributeData trigger, string name, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        if (AttributeReader.Value(trigger, "Route") is not string route)
        {
            return;
        }

        var location = AttributeReader.LocationOf(trigger, "Route", cancellationToken);
        if (route == "/")
        {
            diagnostics.Report(FunctionDiagnostics.RootRoute, location, name);
        }
        else if (route.StartsWith("/", StringComparison.Ordinal))
        {
            diagnostics.Report(FunctionDiagnostics.LeadingSlash, location, route);
        }
        else if (_reservedPrefixes.FirstOrDefault(prefix => route.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } reserved)
        {
            diagnostics.Report(FunctionDiagnostics.ReservedRoute, location, route, reserved);
        }
    }

    private static void CheckAuthorizationLevel(AttributeData trigger, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        const string parameter = "authLevel";
        if (AttributeReader.Value(trigger, parameter) is int level and not (Anonymous or Function))
        {
            var type = trigger.AttributeConstructor!.Parameters.First(static p => p.Name == parameter).Type;
            var member = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => level.Equals(field.ConstantValue));
            diagnostics.Report(
                FunctionDiagnostics.UnsupportedAuthorizationLevel, AttributeReader.LocationOf(trigger, parameter, cancellationToken),
                member?.Name ?? CSharpLiteral.Of(level, type));
        }
    }
}
