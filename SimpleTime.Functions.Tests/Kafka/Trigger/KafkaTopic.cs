using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>A topic of a test's own on Apache Kafka, and its group.</summary>
internal sealed class KafkaTopic : IDisposable
{
    private readonly KafkaCluster _cluster;
    private readonly int _partitions;
    private readonly TopicWriter _writer;

    private KafkaTopic(KafkaCluster cluster, int partitions)
    {
        _cluster = cluster;
        _partitions = partitions;
        _writer = new TopicWriter(cluster.BootstrapServers);
    }

    public string Name { get; } = $"topic-{Guid.NewGuid():N}";

    public string Group => Name + "-readers";

    public static async Task<KafkaTopic> CreateAsync(KafkaCluster cluster, int partitions = 1)
    {
        var topic = new KafkaTopic(cluster, partitions);
        await topic.CreateAsync();
        return topic;
    }

    /// <summary>Makes the topic again after <see cref="DeleteAsync"/>.</summary>
    public Task CreateAsync() => _cluster.Admin.CreateTopicAsync(Name, _partitions);

    public Task DeleteAsync() => _cluster.Admin.DeleteTopicAsync(Name);

    /// <summary>Appends records whose values are numbers.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="first">The first number.</param>
    /// <param name="count">How many there are.</param>
    public Task WriteAsync(int partition, int first, int count) => _writer.WriteAsync(
        new TopicPartition(Name, partition), Enumerable.Range(first, count).Select(i => i.ToString(CultureInfo.InvariantCulture)));

    public Task DeleteRecordsAsync(int partition, long before) => _cluster.Admin.DeleteRecordsAsync(Name, partition, before);

    public Task CommitAsync(int partition, long offset) => _cluster.Admin.SetGroupOffsetsAsync(Group, new TopicPartitionOffset(Name, partition, offset));

    /// <summary>The commits of the group as text: <c>3,0,-</c>.</summary>
    public Task<string> CommittedTextAsync() => TopicReader.CommittedTextAsync(_cluster.BootstrapServers, Group, Name, _partitions);

    /// <summary>Starts a worker whose one function consumes the topic.</summary>
    public Task<TestWorker> StartAsync(RecordedFunction function, params (string Key, string Value)[] kafka) => StartAsync(function, null, null, kafka);

    /// <param name="function">The function.</param>
    /// <param name="brokers">The addresses of the brokers; the plain ones when null.</param>
    /// <param name="configure">Changes the builder last.</param>
    /// <param name="kafka">Settings, see <see cref="TestTopic.Settings"/>.</param>
    public Task<TestWorker> StartAsync(
        RecordedFunction function, string? brokers, Action<FunctionsApplicationBuilder>? configure = null, params (string Key, string Value)[] kafka)
    {
        var trigger = new KafkaTriggerAttribute(brokers ?? _cluster.BootstrapServers, Name) { ConsumerGroup = Group, IsBatched = true };
        // The broker's least.
        return TestWorker.StartAsync([function.Describe(trigger)], TestTopic.Settings([("sessionTimeoutMs", "6000"), .. kafka]), configure);
    }

    public void Dispose() => _writer.Dispose();
}
