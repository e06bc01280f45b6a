namespace SimpleTime.Functions.Worker;

/// <summary>The host's Kafka side, as functions may see it. Safe for use by several threads.</summary>
public interface IKafkaHost
{
    /// <summary>Whether Kafka can be written; a field that is kept in the background, within 10 s of the truth.</summary>
    bool IsUp { get; }

    /// <summary>Everything that is known now. Asks nobody.</summary>
    KafkaReport Report();

    /// <summary>Waits until the messages accepted so far are acknowledged.</summary>
    /// <param name="timeout">How long to wait at the most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many of them are still pending; 0 unless the time ran out.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
