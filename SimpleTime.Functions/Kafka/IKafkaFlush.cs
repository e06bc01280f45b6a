namespace SimpleTime.Functions.Kafka;

/// <summary>Waits for what this instance accepted to be durable. Safe for use by several threads.</summary>
public interface IKafkaFlush
{
    /// <summary>
    /// Waits until every event accepted so far is acknowledged by Kafka or safe on the host's disk, but no longer than
    /// <paramref name="timeout"/>.
    /// </summary>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The events that are not, those lost meanwhile among them; 0 when all are; null when the host cannot know.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<long?> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
