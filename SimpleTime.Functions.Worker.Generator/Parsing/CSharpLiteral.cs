using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Constants as C# expressions of exactly their type, so that overload resolution chooses as it did for the author.</summary>
internal static class CSharpLiteral
{
    public static string Of(TypedConstant constant) => constant switch
    {
        { Kind: TypedConstantKind.Array, IsNull: false, Type: { } type } =>
            $"new {SymbolNames.FullyQualified(type)} {{ {string.Join(", ", constant.Values.Select(Of))} }}",
        { Kind: TypedConstantKind.Type, Value: ITypeSymbol type } => $"typeof({SymbolNames.FullyQualified(type)})",
        { Kind: TypedConstantKind.Array, Type: { } type } => Of(null, type),
        { Type: { } type } => Of(constant.Value, type),
        _ => "null",
    };

    public static string Of(object? value, ITypeSymbol type)
    {
        var typeName = SymbolNames.FullyQualified(type);
        if (value is null)
        {
            return $"default({typeName})";
        }

        if (type.TypeKind == TypeKind.Enum && MemberOf(type, value) is { } member)
        {
            return $"{typeName}.{SymbolNames.Identifier(member)}";
        }

        return value switch
        {
            string or bool or char => Primitive(value),
            int when type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Object => Primitive(value),
            float.NaN or double.NaN => $"({typeName})double.NaN",
            float.PositiveInfinity or double.PositiveInfinity => $"({typeName})double.PositiveInfinity",
            float.NegativeInfinity or double.NegativeInfinity => $"({typeName})double.NegativeInfinity",
            decimal => $"({typeName})({Primitive(value)}m)",
            _ => $"({typeName})({Primitive(value)})",
        };
    }

    private static string Primitive(object value) =>
        SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false)!;

    private static string? MemberOf(ITypeSymbol type, object value) => type.GetMembers().OfType<IFieldSymbol>()
        .FirstOrDefault(field => field.HasConstantValue && value.Equals(field.ConstantValue))?.Name;
}
