using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Xunit.Sdk;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>Reads what is in a topic without joining a group.</summary>
internal static class TopicReader
{
    private static readonly TimeSpan _requestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Reads all records that are in a topic now.</summary>
    /// <param name="bootstrapServers">The brokers' addresses.</param>
    /// <param name="topic">The topic, which must exist.</param>
    /// <param name="deadline">How long to try; 30 s when null.</param>
    /// <returns>The records, in order within each partition.</returns>
    /// <exception cref="XunitException">The broker has dropped records for want of room, or did not hand them all out in time.</exception>
    public static Task<IReadOnlyList<ConsumeResult<string?, string>>> ReadAllAsync(
        string bootstrapServers, string topic, TimeSpan? deadline = null) =>
        Task.Run<IReadOnlyList<ConsumeResult<string?, string>>>(
            () => ReadAll(bootstrapServers, topic, deadline ?? TimeSpan.FromSeconds(30)));

    /// <summary>What a group has committed of partitions, in their order; null where nothing is.</summary>
    /// <param name="bootstrapServers">The brokers' addresses.</param>
    /// <param name="group">The group.</param>
    /// <param name="partitions">The partitions.</param>
    public static Task<long?[]> CommittedAsync(string bootstrapServers, string group, IEnumerable<TopicPartition> partitions) => Task.Run(() =>
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = group, EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        return consumer.Committed(partitions, _requestTimeout).OrderBy(c => c.Partition.Value)
            .Select(c => c.Offset.IsSpecial ? (long?)null : c.Offset.Value).ToArray();
    });

    /// <summary>What a group has committed of a topic's partitions as text, for comparisons: <c>3,0,-</c>.</summary>
    /// <param name="bootstrapServers">The brokers' addresses.</param>
    /// <param name="group">The group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">How many partitions it has.</param>
    public static async Task<string> CommittedTextAsync(string bootstrapServers, string group, string topic, int partitions)
    {
        var committed = await CommittedAsync(bootstrapServers, group, Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)));
        return string.Join(',', committed.Select(offset => offset?.ToString(CultureInfo.InvariantCulture) ?? "-"));
    }

    private static List<ConsumeResult<string?, string>> ReadAll(string bootstrapServers, string topic, TimeSpan deadline)
    {
        var started = Stopwatch.GetTimestamp();
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "topic-reader", EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<string?, string>(config).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, _requestTimeout).Topics.Single().Partitions
            .Select(partition => new TopicPartition(topic, partition.PartitionId)).ToArray();

        long expected = 0;
        foreach (var partition in partitions)
        {
            var watermarks = consumer.QueryWatermarkOffsets(partition, _requestTimeout);
            if (watermarks.Low != 0)
            {
                throw new XunitException($"{partition} has lost its first {watermarks.Low} records: use fewer, or more partitions.");
            }

            expected += watermarks.High;
        }

        var records = new List<ConsumeResult<string?, string>>();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        while (records.Count < expected)
        {
            if (Stopwatch.GetElapsedTime(started) > deadline)
            {
                throw new XunitException($"Only {records.Count} of {expected} records of '{topic}' in {deadline.TotalSeconds:0.###} s.");
            }

            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }
}
