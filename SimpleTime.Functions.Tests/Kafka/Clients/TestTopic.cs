using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Worker.Kafka.Embedded;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>A broker of a test's own with one topic, and clients that are not the worker's to fill and look at it.</summary>
internal sealed class TestTopic : IDisposable
{
    public const string Name = "things";
    public const string Group = "readers";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly int _partitions;
    private readonly TopicWriter _writer;

    public TestTopic(int partitions = 1)
    {
        _partitions = partitions;
        Broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());
        Broker.CreateTopic(Name, partitions);
        _writer = new TopicWriter(Brokers);
    }

    public EmbeddedBroker Broker { get; }

    public string Brokers => Broker.BootstrapServers;

    public KafkaOutputAttribute Output => new(Brokers, Name);

    public KafkaTriggerAttribute Trigger(bool isBatched = true) => new(Brokers, Name) { ConsumerGroup = Group, IsBatched = isBatched };

    /// <summary>
    /// Settings under which a group notices changes soon; others replace or add to them: values of <c>extensions.kafka</c>, or of settings by their
    /// whole names, which begin with <c>KAFKA_</c>.
    /// </summary>
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
            settings[key.StartsWith("KAFKA_", StringComparison.Ordinal) ? key : TestWorker.KafkaSetting(key)] = value;
        }

        return settings;
    }

    /// <summary>Has the broker close all connections and refuse new ones.</summary>
    public void SetDown() => Forks.Without(Broker.SetDown);

    /// <summary>Has the broker accept connections again.</summary>
    public void SetUp() => Broker.SetUp();

    /// <summary>Appends records to a partition, each in a batch of its own.</summary>
    public async Task ProduceAsync(int partition, params string[] values)
    {
        foreach (var value in values)
        {
            await _writer.WriteAsync(new TopicPartition(Name, partition), value);
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
        _writer.WriteAsync(new TopicPartition(Name, partition), message);

    /// <summary>The commits of the group as text: <c>3,0,-</c>.</summary>
    public Task<string> CommittedTextAsync() => TopicReader.CommittedTextAsync(Brokers, Group, Name, _partitions);

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
        return Enumerable.Range(0, _partitions).Sum(p => consumer.QueryWatermarkOffsets(new TopicPartition(Name, p), _timeout).High.Value);
    });

    public void Dispose()
    {
        _writer.Dispose();
        Broker.Dispose();
    }

    private IConsumer<Ignore, Ignore> Consumer() => new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig { BootstrapServers = Brokers, GroupId = Group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
}
