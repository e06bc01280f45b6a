namespace SimpleTime.Functions.Kafka;

/// <summary>Waits for Kafka to acknowledge what this instance accepted. Safe for use by several threads.</summary>
public interface IKafkaFlush
{
    /// <summary>Waits until Kafka acknowledged every event accepted so far, but no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The events still not acknowledged, 0 when all are; null when the host cannot know.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<long?> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
