using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>The trigger of a function while it is being parsed.</summary>
internal sealed class Trigger(TriggerKind kind, IParameterSymbol parameter, AttributeData attribute)
{
    public TriggerKind Kind { get; } = kind;

    public IParameterSymbol Parameter { get; } = parameter;

    public AttributeData Attribute { get; } = attribute;
}

/// <summary>What starts a function.</summary>
internal enum TriggerKind
{
    Http,
    Kafka,
}
