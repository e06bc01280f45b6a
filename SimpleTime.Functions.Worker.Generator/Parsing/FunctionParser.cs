using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Turns a method marked as a function into a model of it and what is wrong with it.</summary>
internal static class FunctionParser
{
    private static readonly Regex _validName = new(@"\A[A-Za-z][A-Za-z0-9_-]{0,126}\z", RegexOptions.CultureInvariant);

    public static FunctionCandidate Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        var diagnostics = new DiagnosticBag();
        var attribute = context.Attributes[0];
        if (context.TargetSymbol is not IMethodSymbol { MethodKind: MethodKind.Ordinary, ContainingType.TypeKind: TypeKind.Class } method)
        {
            diagnostics.Report(
                FunctionDiagnostics.NotAMethod, AttributeReader.LocationOf(attribute, cancellationToken), context.TargetSymbol.Name);
            return new(new(null, null), "", null, diagnostics.ToArray());
        }

        var nameLocation = AttributeReader.LocationOf(attribute, "name", cancellationToken);
        var name = ParseName(attribute, nameLocation, diagnostics);
        var function = ParseFunction(method, context.TargetNode, name ?? method.Name, diagnostics, cancellationToken);
        var entry = new CatalogueEntry(name, diagnostics.IsClean ? function : null);
        return new(entry, SymbolNames.EntryPoint(method), LocationInfo.From(nameLocation), diagnostics.ToArray());
    }

    private static string? ParseName(AttributeData attribute, Location? location, DiagnosticBag diagnostics)
    {
        if (!AttributeReader.IsComplete(attribute))
        {
            diagnostics.LeaveToCompiler();
            return null;
        }

        var name = AttributeReader.Value(attribute, "name") as string ?? "";
        if (_validName.IsMatch(name))
        {
            return name;
        }

        diagnostics.Report(FunctionDiagnostics.InvalidName, location, name);
        return null;
    }

    private static FunctionModel? ParseFunction(
        IMethodSymbol method, SyntaxNode node, string name, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var returnLocation = (node as MethodDeclarationSyntax)?.ReturnType.GetLocation();
        CheckDeclaration(method, returnLocation, diagnostics);
        OutputParser.CheckMethod(method, diagnostics, cancellationToken);

        var dependencies = method.IsStatic || method.ContainingType.IsAbstract
            ? default
            : ConstructorParser.Parse(method.ContainingType, diagnostics);
        var trigger = TriggerParser.Parse(method, name, diagnostics, cancellationToken);
        var retry = RetryParser.Parse(method, name, trigger?.Kind, diagnostics, cancellationToken);
        if (trigger is null)
        {
            return null;
        }

        return new(
            Name: name,
            EntryPoint: SymbolNames.EntryPoint(method),
            TriggerName: trigger.Parameter.Name,
            Trigger: AttributeReader.Read(trigger.Attribute),
            Retry: retry,
            TypeName: SymbolNames.FullyQualified(method.ContainingType),
            MethodName: SymbolNames.Identifier(method.Name),
            IsStatic: method.IsStatic,
            IsAwaited: KnownTypes.IsTask(method.ReturnType),
            Dependencies: dependencies,
            Disposal: DisposalOf(method),
            Parameters: ParameterParser.Parse(method, trigger, diagnostics, cancellationToken),
            Result: ResultParser.Parse(method, name, trigger.Kind, returnLocation, diagnostics, cancellationToken));
    }

    private static void CheckDeclaration(IMethodSymbol method, Location? returnLocation, DiagnosticBag diagnostics)
    {
        var type = method.ContainingType;
        if (!SymbolNames.IsPublic(type))
        {
            diagnostics.Report(FunctionDiagnostics.NotPublic, type.Locations[0], SymbolNames.Readable(type));
        }

        if (method.DeclaredAccessibility != Accessibility.Public)
        {
            diagnostics.Report(FunctionDiagnostics.NotPublic, method.Locations[0], $"{SymbolNames.Readable(type)}.{method.Name}");
        }

        if (!SymbolNames.IsPublic(method.ReturnType))
        {
            diagnostics.Report(FunctionDiagnostics.NotPublic, returnLocation, SymbolNames.Readable(method.ReturnType));
        }

        if (type.IsAbstract && !method.IsStatic)
        {
            diagnostics.Report(FunctionDiagnostics.AbstractClass, type.Locations[0], SymbolNames.Readable(type));
        }

        if (method.IsGenericMethod)
        {
            diagnostics.Report(FunctionDiagnostics.Generic, method.Locations[0], $"{SymbolNames.Readable(type)}.{method.Name}");
        }

        // A nested class is generic with the class around it.
        if (type.IsGenericType)
        {
            diagnostics.Report(FunctionDiagnostics.Generic, type.Locations[0], SymbolNames.Readable(type));
        }
    }

    private static Disposal DisposalOf(IMethodSymbol method)
    {
        if (method.IsStatic)
        {
            return Disposal.None;
        }

        var canDispose = KnownTypes.IsDisposable(method.ContainingType);
        var canDisposeAsync = KnownTypes.IsAsyncDisposable(method.ContainingType);

        // A synchronous function that can be disposed of synchronously needs no state machine.
        var isAsync = canDisposeAsync && (KnownTypes.IsTask(method.ReturnType) || !canDispose);
        return isAsync ? Disposal.Asynchronous : canDispose ? Disposal.Synchronous : Disposal.None;
    }
}
