using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Symbols as text.</summary>
internal static class SymbolNames
{
    /// <summary>Returns the type as generated code writes it.</summary>
    public static string FullyQualified(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Dynamic ? "object" : type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>Returns the type as its reader knows it.</summary>
    public static string Readable(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    /// <summary>Returns the type as reflection names it, a dot and the method.</summary>
    public static string EntryPoint(IMethodSymbol method) => $"{Metadata(method.ContainingType)}.{method.Name}";

    /// <summary>Returns the name as it is written after a dot.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>Returns whether all assemblies can name the type.</summary>
    public static bool IsPublic(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol => true,
        IArrayTypeSymbol array => IsPublic(array.ElementType),
        INamedTypeSymbol named => named.DeclaredAccessibility == Accessibility.Public
            && (named.ContainingType is null || IsPublic(named.ContainingType)) && named.TypeArguments.All(IsPublic),
        _ => true,
    };

    private static string Metadata(INamedTypeSymbol type) => type switch
    {
        { ContainingType: { } outer } => $"{Metadata(outer)}+{type.MetadataName}",
        _ => Metadata(type.ContainingNamespace) + type.MetadataName,
    };

    private static string Metadata(INamespaceSymbol? containing) =>
        containing is null or { IsGlobalNamespace: true } ? "" : $"{Metadata(containing.ContainingNamespace)}{containing.Name}.";
}
