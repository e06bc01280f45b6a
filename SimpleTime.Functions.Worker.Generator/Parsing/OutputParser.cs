using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Reads and checks the output properties of the type that a function returns.</summary>
internal sealed class OutputParser(
    INamedTypeSymbol type,
    string functionName,
    TriggerKind trigger,
    Location? returnLocation,
    DiagnosticBag diagnostics,
    CancellationToken cancellationToken)
{
    private readonly List<OutputModel> _outputs = [];
    private bool _hasAnswer;

    /// <summary>Reports output attributes on the method itself.</summary>
    public static void CheckMethod(IMethodSymbol method, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        foreach (var attribute in OutputProperties.AttributesOf(method))
        {
            diagnostics.Report(
                FunctionDiagnostics.OutputOnMethod, AttributeReader.LocationOf(attribute, cancellationToken),
                AttributeReader.ShortName(attribute), method.Name);
        }
    }

    public EquatableArray<OutputModel> Parse()
    {
        foreach (var property in OutputProperties.Of(type))
        {
            var attributes = OutputProperties.AttributesOf(property);
            if (attributes.Count > 0)
            {
                ParseProperty(property, attributes);
            }
        }

        if (trigger == TriggerKind.Http && !_hasAnswer)
        {
            diagnostics.Report(FunctionDiagnostics.MissingHttpResult, returnLocation, SymbolNames.Readable(type), functionName);
        }

        return new(_outputs);
    }

    private void ParseProperty(IPropertySymbol property, List<AttributeData> attributes)
    {
        var location = property.Locations.FirstOrDefault(static l => l.IsInSource) ?? returnLocation;
        var attribute = attributes[0];
        var isAnswer = attributes.Any(static a => KnownTypes.IsHttpResult(a.AttributeClass));
        var isSecondAnswer = isAnswer && _hasAnswer;
        _hasAnswer |= isAnswer;

        if (attributes.Count > 1)
        {
            diagnostics.Report(FunctionDiagnostics.MultipleOutputsOnProperty, location, property.Name);
        }
        else if (property.Type.TypeKind == TypeKind.Error || !AttributeReader.IsComplete(attribute))
        {
            diagnostics.LeaveToCompiler();
        }
        else if (!isAnswer && !KnownTypes.IsKafkaOutput(attribute.AttributeClass))
        {
            var attributeLocation = AttributeReader.LocationOf(attribute, cancellationToken) ?? location;
            diagnostics.Report(FunctionDiagnostics.UnsupportedOutput, attributeLocation, AttributeReader.ShortName(attribute));
        }
        else if (property is not { IsStatic: false, IsIndexer: false, GetMethod.DeclaredAccessibility: Accessibility.Public })
        {
            diagnostics.Report(FunctionDiagnostics.UnreadableOutput, location, property.Name);
        }
        else if (isAnswer)
        {
            CheckAnswer(property, isSecondAnswer, location);
            _outputs.Add(new(property.Name, null, null));
        }
        else
        {
            var messageType = SymbolNames.FullyQualified(MessageType(property.Type));
            _outputs.Add(new(property.Name, AttributeReader.Read(attribute), messageType));
        }
    }

    private void CheckAnswer(IPropertySymbol property, bool isSecondAnswer, Location? location)
    {
        if (trigger != TriggerKind.Http)
        {
            diagnostics.Report(FunctionDiagnostics.HttpResultOnKafkaFunction, location, functionName, property.Name);
            return;
        }

        if (isSecondAnswer)
        {
            diagnostics.Report(FunctionDiagnostics.MultipleHttpResults, location, SymbolNames.Readable(type));
        }

        if (!KnownTypes.IsIResult(property.Type))
        {
            diagnostics.Report(FunctionDiagnostics.HttpResultType, location, property.Name, SymbolNames.Readable(property.Type));
        }
    }

    /// <summary>Returns an array is a message for each element, but bytes are one message.</summary>
    private static ITypeSymbol MessageType(ITypeSymbol type) =>
        type is IArrayTypeSymbol { IsSZArray: true, ElementType: { SpecialType: not SpecialType.System_Byte } element } ? element : type;
}
