using Confluent.Kafka;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>Appends records to topics. Safe for use by several threads.</summary>
internal sealed class TopicWriter : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly IProducer<string?, string> _producer;

    public TopicWriter(string bootstrapServers)
    {
        _producer = new ProducerBuilder<string?, string>(new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 5, ReconnectBackoffMaxMs = 500 })
            .SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Appends records to a partition, and waits until they are there.</summary>
    public Task WriteAsync(TopicPartition partition, params IEnumerable<string> values) =>
        Task.WhenAll(values.Select(value => WriteAsync(partition, new Message<string?, string> { Value = value })));

    /// <summary>Appends a record with everything that a record can have, and waits until it is there.</summary>
    public Task WriteAsync(TopicPartition partition, Message<string?, string> message) =>
        _producer.ProduceAsync(partition, message).WaitAsync(_timeout);

    public void Dispose() => _producer.Dispose();
}
