using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Chooses the constructor of a function class and reads what it depends on.</summary>
internal static class ConstructorParser
{
    public static EquatableArray<DependencyModel> Parse(INamedTypeSymbol type, DiagnosticBag diagnostics)
    {
        if (Choose(type, diagnostics) is not { } constructor)
        {
            return default;
        }

        if (HasRequiredMembers(type) && !Has(constructor, KnownTypes.IsSetsRequiredMembers))
        {
            const string reason = "it has required members; remove 'required', or mark the constructor with [SetsRequiredMembers]";
            Report(type, reason, diagnostics);
        }

        return new(constructor.Parameters.Select(parameter => Parse(type, parameter, diagnostics)));
    }

    private static IMethodSymbol? Choose(INamedTypeSymbol type, DiagnosticBag diagnostics)
    {
        var usable = type.InstanceConstructors.Where(static c => c.DeclaredAccessibility == Accessibility.Public).ToList();
        var marked = usable.Where(static c => Has(c, KnownTypes.IsActivatorUtilitiesConstructor)).ToList();
        switch (usable.Count, marked.Count)
        {
            case (_, 1):
                return marked[0];
            case (1, _):
                return usable[0];
            case (0, _):
                Report(type, "it has no public constructor; make one public", diagnostics);
                return null;
            case (_, 0):
                var reason = $"it has {usable.Count} public constructors; keep one, or mark one with [ActivatorUtilitiesConstructor]";
                Report(type, reason, diagnostics);
                return null;
            default:
                Report(type, "it has more than one constructor marked with [ActivatorUtilitiesConstructor]; mark one", diagnostics);
                return null;
        }
    }

    private static DependencyModel Parse(INamedTypeSymbol type, IParameterSymbol parameter, DiagnosticBag diagnostics)
    {
        if (parameter.Type.TypeKind == TypeKind.Error)
        {
            diagnostics.LeaveToCompiler();
        }
        else if (parameter.RefKind != RefKind.None
            || parameter.Type is { IsRefLikeType: true } or IPointerTypeSymbol or IFunctionPointerTypeSymbol)
        {
            diagnostics.Report(
                FunctionDiagnostics.NoUsableConstructor, parameter.Locations[0], SymbolNames.Readable(type),
                $"the constructor's parameter '{parameter.Name}' cannot be a service; pass a class or an interface by value");
        }

        return new(
            SymbolNames.FullyQualified(parameter.Type),
            KnownTypes.IsServiceProvider(parameter.Type),
            KeyOf(parameter),
            FallbackOf(parameter));
    }

    private static string? KeyOf(IParameterSymbol parameter)
    {
        var attribute = parameter.GetAttributes().FirstOrDefault(static a => KnownTypes.IsFromKeyedServices(a.AttributeClass));

        // A null key, and the key inherited from a class that has none, mean the service without a key.
        return attribute?.ConstructorArguments.FirstOrDefault() is { Kind: not TypedConstantKind.Error, IsNull: false } key
            ? CSharpLiteral.Of(key)
            : null;
    }

    private static FallbackModel? FallbackOf(IParameterSymbol parameter)
    {
        if (!parameter.HasExplicitDefaultValue)
        {
            return null;
        }

        var patternType = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : parameter.Type;
        var value = parameter.ExplicitDefaultValue;
        return new(SymbolNames.FullyQualified(patternType), CSharpLiteral.Of(value, value is null ? parameter.Type : patternType));
    }

    private static bool HasRequiredMembers(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.GetMembers().Any(static m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(IMethodSymbol constructor, Func<ITypeSymbol?, bool> isAttribute) =>
        constructor.GetAttributes().Any(attribute => isAttribute(attribute.AttributeClass));

    private static void Report(INamedTypeSymbol type, string reason, DiagnosticBag diagnostics) =>
        diagnostics.Report(FunctionDiagnostics.NoUsableConstructor, type.Locations[0], SymbolNames.Readable(type), reason);
}
