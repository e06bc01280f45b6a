using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Worker;

/// <summary>The host's Kafka side, as functions may see it. Safe for use by several threads.</summary>
public interface IKafkaHost
{
    /// <summary>Gets whether Kafka can be written; a field that is kept in the background, within 10 s of the truth.</summary>
    bool IsUp { get; }

    /// <summary>Everything that is known now. Asks nobody.</summary>
    KafkaReport Report();

    /// <summary>
    /// Returns whether the outputs took every message of the function that answers a request. True until they were asked, which is after
    /// the function and before its answer is executed: a question for an <see cref="IResult"/>.
    /// </summary>
    /// <param name="request">The request.</param>
    bool HasAccepted(HttpContext request);

    /// <summary>Waits until the messages accepted so far are durable: acknowledged by Kafka, or synced to the spool.</summary>
    /// <param name="timeout">How long to wait at the most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many of them are not, those included that were lost meanwhile; 0 unless the time ran out or some were lost.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
