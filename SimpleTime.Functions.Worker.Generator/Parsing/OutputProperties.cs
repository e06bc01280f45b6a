using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Finds properties and their output attributes, inherited ones too.</summary>
internal static class OutputProperties
{
    /// <summary>Returns whether the type is meant to carry outputs: it marks a property, or has one that could be the answer.</summary>
    public static bool Exist(INamedTypeSymbol type, TriggerKind trigger) => Of(type).Any(property =>
        AttributesOf(property).Count > 0 || (trigger == TriggerKind.Http && KnownTypes.IsIResult(property.Type)));

    /// <summary>Returns the properties of the type and its bases, the base's first; of those with one name the most derived.</summary>
    public static List<IPropertySymbol> Of(INamedTypeSymbol type)
    {
        var hierarchy = new Stack<INamedTypeSymbol>();
        for (var current = type; current is not null; current = current.BaseType)
        {
            hierarchy.Push(current);
        }

        var properties = new List<IPropertySymbol>();
        foreach (var property in hierarchy.SelectMany(static t => t.GetMembers().OfType<IPropertySymbol>()))
        {
            var hidden = properties.FindIndex(p => p.Name == property.Name);
            if (hidden < 0)
            {
                properties.Add(property);
            }
            else
            {
                properties[hidden] = property;
            }
        }

        return properties;
    }

    /// <summary>Returns the output attributes of a method or property, or of the property that it overrides.</summary>
    public static List<AttributeData> AttributesOf(ISymbol symbol)
    {
        for (var current = symbol; current is not null; current = (current as IPropertySymbol)?.OverriddenProperty)
        {
            var attributes = current.GetAttributes().Where(static a => KnownTypes.IsAnyOutput(a.AttributeClass)).ToList();
            if (attributes.Count > 0)
            {
                return attributes;
            }
        }

        return [];
    }
}
