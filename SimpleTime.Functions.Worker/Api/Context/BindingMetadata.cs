namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a function declares of a binding.</summary>
public abstract class BindingMetadata
{
    /// <summary>Gets the name of the parameter or property.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the type of the binding, such as <c>httpTrigger</c> or <c>kafka</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Gets which way the data goes.</summary>
    public abstract BindingDirection Direction { get; }
}
