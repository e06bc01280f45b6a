namespace SimpleTime.Functions.Worker;

/// <summary>
/// Keeps what is known of batches of records that no client can decode, so that their partition goes on behind them. Registered by the
/// app; without one, such a partition waits. Used by one thread at a time.
/// </summary>
public interface IUndecodableBatches
{
    /// <summary>Keeps a batch durably. It may be called again with the same batch.</summary>
    /// <param name="batch">What is known of it.</param>
    /// <param name="cancellationToken">Cancelled when the invocation is.</param>
    /// <exception cref="Exception">It is not kept now, and is tried again as a failed invocation is.</exception>
    ValueTask KeepAsync(UndecodableBatch batch, CancellationToken cancellationToken);
}
