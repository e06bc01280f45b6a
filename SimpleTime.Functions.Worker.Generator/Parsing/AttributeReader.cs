using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Reads attributes and finds where their arguments are written.</summary>
internal static class AttributeReader
{
    /// <summary>Returns whether the compiler found the constructor and could read all arguments.</summary>
    public static bool IsComplete(AttributeData attribute) =>
        attribute.AttributeConstructor is not null
        && attribute.ConstructorArguments.All(IsComplete)
        && attribute.NamedArguments.All(static argument => IsComplete(argument.Value));

    public static AttributeModel Read(AttributeData attribute) => new(
        SymbolNames.FullyQualified(attribute.AttributeClass!),
        new(attribute.ConstructorArguments.Select(CSharpLiteral.Of)),
        new(attribute.NamedArguments.Select(static argument =>
            new NamedArgumentModel(SymbolNames.Identifier(argument.Key), CSharpLiteral.Of(argument.Value)))));

    /// <summary>Returns the attribute as it is written in brackets.</summary>
    public static string ShortName(AttributeData attribute)
    {
        const string suffix = "Attribute";
        var name = attribute.AttributeClass!.Name;
        return name.EndsWith(suffix, StringComparison.Ordinal) ? name.Substring(0, name.Length - suffix.Length) : name;
    }

    /// <summary>Returns the value of a constructor's parameter or of a property; null when it is not set.</summary>
    public static object? Value(AttributeData attribute, string name)
    {
        var named = attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value;
        if (named.Kind is not (TypedConstantKind.Error or TypedConstantKind.Array))
        {
            return named.Value;
        }

        var index = IndexOfParameter(attribute, name);
        return index >= 0 && attribute.ConstructorArguments[index] is { Kind: not TypedConstantKind.Array } constant
            ? constant.Value
            : null;
    }

    public static Location? LocationOf(AttributeData attribute, CancellationToken cancellationToken) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellationToken).GetLocation();

    /// <summary>Returns where the argument for a parameter or property is written; the attribute when it is not.</summary>
    public static Location? LocationOf(AttributeData attribute, string name, CancellationToken cancellationToken)
    {
        if (attribute.ApplicationSyntaxReference?.GetSyntax(cancellationToken) is not AttributeSyntax syntax)
        {
            return null;
        }

        var arguments = syntax.ArgumentList?.Arguments ?? [];
        var index = IndexOfParameter(attribute, name);
        var argument = arguments.FirstOrDefault(a => (a.NameEquals?.Name ?? a.NameColon?.Name)?.Identifier.ValueText == name)
            ?? arguments.Where((a, i) => i == index && a is { NameEquals: null, NameColon: null }).FirstOrDefault();
        return (argument?.Expression ?? (SyntaxNode)syntax).GetLocation();
    }

    private static int IndexOfParameter(AttributeData attribute, string name)
    {
        var parameters = attribute.AttributeConstructor?.Parameters ?? [];
        return parameters.IndexOf(parameters.FirstOrDefault(parameter => parameter.Name == name)!);
    }

    private static bool IsComplete(TypedConstant constant) =>
        constant.Kind != TypedConstantKind.Error
        && (constant.Kind != TypedConstantKind.Array || constant.IsNull || constant.Values.All(IsComplete));
}
