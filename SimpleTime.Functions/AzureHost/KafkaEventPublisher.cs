using Confluent.Kafka;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Worker.Kafka.Clients;

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

    public Task PublishAsync(
        string topic, byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, CancellationToken cancellationToken) =>
        AcknowledgedSend.SendAsync(_producer, topic, key, value, headers, cancellationToken);

    /// <summary>Gives up what is not acknowledged.</summary>
    public void Dispose() => _producer.Dispose();
}
