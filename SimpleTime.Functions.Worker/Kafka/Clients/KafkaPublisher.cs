using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker;

/// <summary>
/// Sends single records to the brokers of <c>KAFKA_BROKERS</c>, with the settings of the functions' outputs, and waits for their
/// acknowledgement. For tools beside the functions, whose outputs are never waited for. Safe for use by several threads.
/// </summary>
public sealed class KafkaPublisher : IDisposable
{
    // Who waits for an acknowledgement is not left waiting for the five minutes of an output.
    private const int MessageTimeoutMs = 30_000;

    private readonly IProducer<byte[]?, byte[]> _producer;

    /// <summary>Makes the client, which connects by itself.</summary>
    /// <exception cref="InvalidOperationException">The settings of the client are wrong.</exception>
    internal KafkaPublisher(KafkaBrokers brokers, KafkaClientFactory clients)
    {
        var brokerList = brokers.List("KAFKA_BROKERS");
        try
        {
            var output = new KafkaOutputAttribute(brokerList, "") { MessageTimeoutMs = MessageTimeoutMs };
            _producer = clients.CreateProducer<byte[]?>(ProducerProfile.Of(output, brokerList), static _ => { });
        }
        catch (KafkaException exception)
        {
            throw new InvalidOperationException($"The Kafka client cannot be made: {exception.Error.Reason}", exception);
        }

        // That the client itself refuses a property is known once it was to be made.
        if (clients.SecurityProblem is { } problem)
        {
            _producer.Dispose();
            throw new InvalidOperationException(problem);
        }
    }

    /// <summary>Sends a record and waits until all replicas in sync have it. Records with one key stay in the order of the calls.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="value">The value; null for none.</param>
    /// <param name="headers">The headers; a value may be null.</param>
    /// <param name="cancellationToken">Ends the wait; the record may be sent all the same.</param>
    /// <exception cref="TimeoutException">It was not acknowledged within 30 s.</exception>
    /// <exception cref="IOException">It was refused.</exception>
    public Task PublishAsync(
        string topic,
        byte[]? key,
        byte[]? value,
        IEnumerable<KeyValuePair<string, byte[]?>> headers,
        CancellationToken cancellationToken) =>
        AcknowledgedSend.SendAsync(_producer, topic, key, value, headers, cancellationToken);

    /// <summary>Gives up what is not acknowledged.</summary>
    public void Dispose() => _producer.Dispose();
}
