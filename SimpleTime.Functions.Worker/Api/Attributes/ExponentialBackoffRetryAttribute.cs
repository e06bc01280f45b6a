namespace Microsoft.Azure.Functions.Worker;

/// <summary>Repeats a failed invocation after a delay that doubles each time.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <summary>Creates the policy.</summary>
    /// <param name="maxRetryCount">How often to repeat at the most; -1 for until it succeeds.</param>
    /// <param name="minimumInterval">The first delay, as <c>hh:mm:ss</c>.</param>
    /// <param name="maximumInterval">The longest delay, as <c>hh:mm:ss</c>.</param>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    /// <summary>Gets the first delay, as <c>hh:mm:ss</c>.</summary>
    public string MinimumInterval { get; }

    /// <summary>Gets the longest delay, as <c>hh:mm:ss</c>.</summary>
    public string MaximumInterval { get; }
}
