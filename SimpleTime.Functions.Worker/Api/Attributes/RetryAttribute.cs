namespace Microsoft.Azure.Functions.Worker;

/// <summary>The base of the attributes that say how a failed invocation is repeated.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>Gets or sets how often a failed invocation is repeated at the most; -1 for until it succeeds.</summary>
    public int MaxRetryCount { get; protected set; }
}
