namespace SimpleTime.Functions.Persistence;

/// <summary>Keeps events durably. Safe for use by several threads; batches are written one after the other.</summary>
public interface IEventStore : IAsyncDisposable
{
    /// <summary>
    /// Stores a batch: all of it, durably, or nothing. A record whose id is stored already is left out, so a batch may
    /// be repeated. After a failure the next call starts afresh.
    /// </summary>
    /// <param name="batch">The records.</param>
    /// <param name="cancellationToken">Gives up before the batch is begun or before it is committed.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; nothing was stored.</exception>
    /// <exception cref="EventStoreException">It cannot be stored now; nothing was, or it is not known.</exception>
    ValueTask<PersistSummary> PersistAsync(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken);
}
