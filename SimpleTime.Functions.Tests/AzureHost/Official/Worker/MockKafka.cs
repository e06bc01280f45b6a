using Confluent.Kafka;

namespace SimpleTime.Functions.Tests.Official;

/// <summary>librdkafka's mock cluster, of one broker.</summary>
internal sealed class MockKafka : IDisposable
{
    private readonly IProducer<Null, Null> _client;

    /// <summary>Starts it, with a topic.</summary>
    /// <param name="topic">The topic's name.</param>
    public MockKafka(string topic)
    {
        var config = new ProducerConfig { AllowAutoCreateTopics = true };
        config.Set("test.mock.num.brokers", "1");
        _client = new ProducerBuilder<Null, Null>(config).Build();
        using var admin = new DependentAdminClientBuilder(_client.Handle).Build();
        var broker = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Brokers.Single();
        Address = $"{broker.Host}:{broker.Port}";
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    public void Dispose() => _client.Dispose();
}
