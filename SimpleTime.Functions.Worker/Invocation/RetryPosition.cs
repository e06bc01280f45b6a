using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Invocation;

internal sealed class RetryPosition(int retryCount, int maxRetryCount) : RetryContext
{
    /// <summary>Where an invocation stands that is never repeated.</summary>
    public static readonly RetryPosition None = new(0, 0);

    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}
