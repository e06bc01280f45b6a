namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function. Not safe for use by several threads at once.</summary>
public abstract class FunctionContext
{
    /// <summary>Gets the id of this invocation.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Gets the id of the function.</summary>
    public abstract string FunctionId { get; }

    /// <summary>Gets what is known of the function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>Gets where the invocation stands in its retries.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>Gets or sets the services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>Gets or sets what middleware and function leave for each other.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Cancelled when the invocation's result is no longer wanted.</summary>
    public virtual CancellationToken CancellationToken { get; }
}
