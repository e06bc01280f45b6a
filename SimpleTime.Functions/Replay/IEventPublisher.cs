namespace SimpleTime.Functions.Replay;

/// <summary>Sends records to Kafka, outside of the functions' outputs. Safe for use by several threads.</summary>
internal interface IEventPublisher
{
    /// <summary>Sends a record and waits until Kafka has acknowledged it. Records with one key stay in the order of the calls.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="value">The value; null for none.</param>
    /// <param name="headers">The headers; a value may be null.</param>
    /// <param name="cancellationToken">Ends the wait; the record may be sent all the same.</param>
    /// <exception cref="TimeoutException">It was not acknowledged within 30 s.</exception>
    /// <exception cref="IOException">It was refused.</exception>
    Task PublishAsync(
        string topic,
        byte[]? key,
        byte[]? value,
        IReadOnlyList<KeyValuePair<string, byte[]?>> headers,
        CancellationToken cancellationToken);
}
