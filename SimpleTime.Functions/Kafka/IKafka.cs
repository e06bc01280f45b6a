using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Kafka;

/// <summary>What the host knows of Kafka, and of the events that functions gave it. Safe for use by several threads.</summary>
public interface IKafka
{
    /// <summary>Gets whether Kafka is up: a read of one field, cheap enough for every request.</summary>
    bool IsUp { get; }

    /// <summary>Returns all that is known now, without waiting for Kafka.</summary>
    KafkaStatusSnapshot Snapshot();

    /// <summary>
    /// Returns whether the Kafka output took all events of the function that answers a request, as far as the host tells. Known when the
    /// answer is executed, not while the function runs.
    /// </summary>
    /// <param name="request">The request.</param>
    bool IsAccepted(HttpContext request);

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
