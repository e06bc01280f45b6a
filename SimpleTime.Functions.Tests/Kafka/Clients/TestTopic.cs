using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>A broker of a test's own with one topic, and clients that are not the worker's to fill and look at it.</summary>
internal sealed class TestTopic : IDisposable
{
    public const string Name = "things";
    public const string Group = "readers";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly int _partitions;
    private readonly IProducer<string?, string> _producer;

    public TestTopic(int partitions = 1)
    {
        _partitions = partitions;
        Broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());
        Broker.CreateTopic(Name, partitions);
        _producer = new ProducerBuilder<string?, string>(new ProducerConfig { BootstrapServers = Brokers, LingerMs = 0, ReconnectBackoffMaxMs = 500 })
            .SetLogHandler((_, _) => { }).Build();
    }

    public EmbeddedBroker Broker { get; }

    public string Brokers => Broker.BootstrapServers;

    public KafkaOutputAttribute Output => new(Brokers, Name);

    public KafkaTriggerAttribute Trigger(bool isBatched = true) => new(Brokers, Name) { ConsumerGroup = Group, IsBatched = isBatched };

    /// <summary>Settings under which a group notices changes soon; others replace or add to them.</summary>
    public static Dictionary<string, string?> Settings(params (string Key, string Value)[] kafka)
    {
        var settings = new Dictionary<string, string?>
        {
            [TestWorker.KafkaSetting("subscriberIntervalInSeconds")] = "0",
            // The broker's rebalance waits it out.
            [TestWorker.KafkaSetting("sessionTimeoutMs")] = "3000",
        };
        foreach (var (key, value) in kafka)
        {
            settings[TestWorker.KafkaSetting(key)] = value;
        }

        return settings;
    }

    /// <summary>Has the broker close all connections and refuse new ones.</summary>
    public void SetDown() => Forks.Without(Broker.SetDown);

    /// <summary>Has the broker accept connections again.</summary>
    public void SetUp() => Broker.SetUp();

    /// <summary>Appends records to a partition.</summary>
    public async Task ProduceAsync(int partition, params string[] values)
    {
        foreach (var value in values)
        {
            await _producer.ProduceAsync(new TopicPartition(Name, partition), new Message<string?, string> { Value = value }).WaitAsync(_timeout);
        }
    }

    /// <summary>Appends a record to each partition: its number, and behind a colon the round where that is not 0.</summary>
    public async Task ProduceEverywhereAsync(int round)
    {
        for (var partition = 0; partition < _partitions; partition++)
        {
            await ProduceAsync(partition, round == 0 ? $"{partition}" : $"{partition}:{round}");
        }
    }

    /// <summary>Appends one record with everything that a record can have.</summary>
    public Task ProduceAsync(int partition, Message<string?, string> message) =>
        _producer.ProduceAsync(new TopicPartition(Name, partition), message).WaitAsync(_timeout);

    /// <summary>What the group has committed of each partition; null where nothing is.</summary>
    public Task<long?[]> CommittedAsync() => TopicReader.CommittedAsync(Brokers, Group, Partitions());

    /// <summary>The commits as text, for comparisons: <c>3,0,-</c>.</summary>
    public async Task<string> CommittedTextAsync() =>
        string.Join(',', (await CommittedAsync()).Select(offset => offset?.ToString(CultureInfo.InvariantCulture) ?? "-"));

    /// <summary>Commits an offset for the group.</summary>
    public void Commit(int partition, long offset)
    {
        using var consumer = Consumer();
        consumer.Commit([new TopicPartitionOffset(Name, partition, offset)]);
    }

    /// <summary>How many records are in the topic.</summary>
    public Task<long> CountAsync() => Task.Run(() =>
    {
        using var consumer = Consumer();
        return Partitions().Sum(p => consumer.QueryWatermarkOffsets(p, _timeout).High.Value);
    });

    public void Dispose()
    {
        _producer.Dispose();
        Broker.Dispose();
    }

    private IEnumerable<TopicPartition> Partitions() => Enumerable.Range(0, _partitions).Select(p => new TopicPartition(Name, p));

    private IConsumer<Ignore, Ignore> Consumer() => new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig { BootstrapServers = Brokers, GroupId = Group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
}
