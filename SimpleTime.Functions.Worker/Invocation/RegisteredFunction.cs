using System.Collections.Immutable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>A function of this app, as the worker API shows it. Immutable.</summary>
internal sealed class RegisteredFunction(FunctionDescriptor descriptor) : FunctionDefinition
{
    public FunctionDescriptor Descriptor { get; } = descriptor;

    public override string Id => Descriptor.Name;

    public override string Name => Descriptor.Name;

    public override string EntryPoint => Descriptor.EntryPoint;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty.Add(
            descriptor.TriggerName,
            new DescribedBinding(descriptor.TriggerName, TriggerType(descriptor.Trigger), BindingDirection.In));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        descriptor.Outputs.ToImmutableDictionary(
            output => output.Name,
            BindingMetadata (output) => new DescribedBinding(output.Name, output.BindingType, BindingDirection.Out));

    /// <summary>Gets the trigger's type as the official host names it.</summary>
    public string Trigger => TriggerType(Descriptor.Trigger);

    /// <summary>Gets the trigger as the semantic conventions name it: <c>faas.trigger</c>.</summary>
    public string TriggerKind => Descriptor.Trigger is HttpTriggerAttribute ? "http" : "pubsub";

    /// <summary>Gets whether a request needs a function key to call it.</summary>
    public bool NeedsKey => Descriptor.Trigger is HttpTriggerAttribute { AuthLevel: not AuthorizationLevel.Anonymous };

    private static string TriggerType(TriggerBindingAttribute trigger) => trigger switch
    {
        HttpTriggerAttribute => "httpTrigger",
        KafkaTriggerAttribute => "kafkaTrigger",
        _ => throw new NotSupportedException($"The trigger {trigger.GetType().Name} is not supported."),
    };
}
