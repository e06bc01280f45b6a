namespace Microsoft.Azure.Functions.Worker;

/// <summary>Where an invocation stands in its retries.</summary>
public abstract class RetryContext
{
    /// <summary>Gets how often the invocation was repeated; 0 for the first attempt.</summary>
    public abstract int RetryCount { get; }

    /// <summary>Gets how often it is repeated at the most; -1 for until it succeeds.</summary>
    public abstract int MaxRetryCount { get; }
}
