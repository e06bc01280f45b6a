using Confluent.Kafka;
using SimpleTime.Functions.DeadLetters;

namespace SimpleTime.Functions.AzureHost;

/// <summary>Sends records by a producer of the app's own, since the Azure Functions host never tells of an acknowledgement.</summary>
internal sealed class KafkaEventPublisher : IEventPublisher, IDisposable
{
    private readonly IProducer<byte[]?, byte[]> _producer;

    /// <summary>Makes the client, which connects by itself.</summary>
    /// <param name="clients">Makes it.</param>
    /// <exception cref="InvalidOperationException">The client cannot be made.</exception>
    public KafkaEventPublisher(KafkaClients clients)
    {
        try
        {
            _producer = clients.CreateProducer();
        }
        catch (KafkaException exception)
        {
            throw new InvalidOperationException($"The Kafka client cannot be made: {exception.Error.Reason}", exception);
        }
    }

    public async Task PublishAsync(
        string topic,
        byte[]? key,
        byte[]? value,
        IReadOnlyList<KeyValuePair<string, byte[]>> headers,
        CancellationToken cancellationToken)
    {
        var message = new Message<byte[]?, byte[]> { Key = key, Value = value!, Headers = [] };
        foreach (var (name, content) in headers)
        {
            message.Headers.Add(name, content);
        }

        try
        {
            var result = await _producer.ProduceAsync(topic, message, cancellationToken);
            if (result.Status != PersistenceStatus.Persisted)
            {
                throw new EventPublishException("Kafka did not acknowledge the record.");
            }
        }
        catch (KafkaException exception)
        {
            throw new EventPublishException($"Kafka did not acknowledge the record: {exception.Error.Reason}", exception);
        }
    }

    /// <summary>Gives up what is not acknowledged.</summary>
    public void Dispose() => _producer.Dispose();
}
