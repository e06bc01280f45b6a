namespace Microsoft.Azure.Functions.Worker;

/// <summary>Repeats a failed invocation after a fixed delay.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>Creates the policy.</summary>
    /// <param name="maxRetryCount">How often to repeat at the most; -1 for until it succeeds.</param>
    /// <param name="delayInterval">The delay, as <c>hh:mm:ss</c>.</param>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>Gets the delay between two attempts, as <c>hh:mm:ss</c>.</summary>
    public string DelayInterval { get; }
}
