using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>Sending that is waited for, of either host's producer.</summary>
internal static class AcknowledgedSend
{
    /// <summary>Sends a record and waits until all replicas in sync have it.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="value">The value; null for none.</param>
    /// <param name="headers">The headers; a value may be null.</param>
    /// <param name="cancellationToken">Ends the wait; the record may be sent all the same.</param>
    /// <exception cref="TimeoutException">It was not acknowledged within the producer's message timeout.</exception>
    /// <exception cref="IOException">It was refused.</exception>
    public static async Task SendAsync(
        IProducer<byte[]?, byte[]> producer,
        string topic,
        byte[]? key,
        byte[]? value,
        IEnumerable<KeyValuePair<string, byte[]?>> headers,
        CancellationToken cancellationToken)
    {
        var record = new Message<byte[]?, byte[]> { Key = key, Value = value!, Headers = [] };
        foreach (var (name, content) in headers)
        {
            record.Headers.Add(name, content);
        }

        try
        {
            var result = await producer.ProduceAsync(topic, record, cancellationToken).ConfigureAwait(false);
            if (result.Status != PersistenceStatus.Persisted)
            {
                throw new IOException("Kafka did not acknowledge the record.");
            }
        }
        catch (KafkaException exception)
        {
            var message = $"Kafka did not acknowledge the record: {exception.Error.Reason}";
            throw exception.Error.Code == ErrorCode.Local_MsgTimedOut ? new TimeoutException(message, exception) : new IOException(message, exception);
        }
    }
}
