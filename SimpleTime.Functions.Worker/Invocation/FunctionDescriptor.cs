using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace SimpleTime.Functions.Worker;

/// <summary>A function as it was found at compile time. Immutable. Written by the source generator.</summary>
public sealed class FunctionDescriptor
{
    /// <summary>Gets the name of the function, unique in the app.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the method: its full type name, a dot and its name.</summary>
    public required string EntryPoint { get; init; }

    /// <summary>Gets the name of the parameter that carries the trigger.</summary>
    public required string TriggerName { get; init; }

    /// <summary>Gets the trigger: an <see cref="HttpTriggerAttribute"/> or a <see cref="KafkaTriggerAttribute"/>.</summary>
    public required TriggerBindingAttribute Trigger { get; init; }

    /// <summary>Gets how a failed invocation is repeated; null for the host's own way.</summary>
    public RetryAttribute? Retry { get; init; }

    /// <summary>Gets the declared outputs; empty for a function that returns an answer or nothing.</summary>
    public IReadOnlyList<OutputDescriptor> Outputs { get; init; } = [];

    /// <summary>Calls the function.</summary>
    public required FunctionInvoker Invoker { get; init; }
}
