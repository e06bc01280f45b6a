namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function. Not safe for use by several threads at once.</summary>
public abstract class FunctionContext
{
    /// <summary>The id of this invocation.</summary>
    public abstract string InvocationId { get; }

    /// <summary>The id of the function.</summary>
    public abstract string FunctionId { get; }

    /// <summary>What is known of the function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>Where the invocation stands in its retries.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>What middleware and function leave for each other.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Cancelled when the invocation's result is no longer wanted.</summary>
    public virtual CancellationToken CancellationToken { get; }
}
