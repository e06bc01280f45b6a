using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>What is known of a function before it is invoked. Immutable.</summary>
public abstract class FunctionDefinition
{
    /// <summary>Gets the id of the function, unique in the app.</summary>
    public abstract string Id { get; }

    /// <summary>Gets the name of the function.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the method: its full type name, a dot and its name.</summary>
    public abstract string EntryPoint { get; }

    /// <summary>Gets the trigger, by the name of its parameter.</summary>
    public abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    /// <summary>Gets the outputs, by the names of their properties.</summary>
    public abstract IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }
}
