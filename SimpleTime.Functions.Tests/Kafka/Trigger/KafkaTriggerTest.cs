using System.Globalization;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>A function that consumes topics of Apache Kafka.</summary>
[Collection(SharedKafka.Name)]
public abstract class KafkaTriggerTest(SharedKafka kafka)
{
    private protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private protected RecordedFunction Function { get; } = new();

    private protected string Brokers => kafka.Cluster.BootstrapServers;

    private protected Task<KafkaTopic> CreateTopicAsync(int partitions = 1) => KafkaTopic.CreateAsync(kafka.Cluster, partitions);

    /// <summary>The values that <see cref="KafkaTopic.WriteAsync"/> wrote.</summary>
    private protected static HashSet<string> Values(params Range[] ranges) => [.. ranges
        .SelectMany(range => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value))
        .Select(value => value.ToString(CultureInfo.InvariantCulture))];
}
