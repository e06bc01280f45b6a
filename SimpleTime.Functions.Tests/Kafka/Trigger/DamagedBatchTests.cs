using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Batches that were damaged on the broker's disk. Each call of the writer makes a batch.</summary>
public sealed class DamagedBatchTests : IUndecodableBatches
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);

    private readonly RecordedFunction _function = new();
    private readonly ConcurrentQueue<UndecodableBatch> _kept = new();
    private int _refusals = 1;

    [KafkaFact]
    public async Task A_damaged_batch_is_told_then_kept_and_skipped_and_no_record_of_it_is_taken_for_good()
    {
        await using var cluster = await KafkaCluster.StartAsync();
        using var topic = await KafkaTopic.CreateAsync(cluster, 2);
        await topic.WriteAsync(0, 100, 10);
        await topic.WriteAsync(0, 200, 10);
        await topic.WriteAsync(0, 300, 10);
        await topic.WriteAsync(1, 400, 10);
        await cluster.Node.StopAsync();
        await cluster.DamageAsync(cluster.Node, new TopicPartition(topic.Name, 0), "203");
        await cluster.Node.StartAsync();
        await cluster.Admin.IsInSyncAsync(topic.Name, 2);

        await using var worker = await StartAsync(topic);

        await Eventually.BecomesTrueAsync(() => worker.Kafka.PausedReason?.Contains("cannot be decoded", StringComparison.Ordinal) == true, _deadline);
        await Eventually.EqualsAsync("10,10", topic.CommittedTextAsync, _deadline);
        Assert.Empty(_kept);

        await Eventually.EqualsAsync("30,10", topic.CommittedTextAsync, _deadline);
        Assert.Equal(
            Enumerable.Range(100, 10).Concat(Enumerable.Range(300, 10)).Concat(Enumerable.Range(400, 10)),
            _function.Done.Select(int.Parse).Order());
        Assert.All(_kept, batch => Assert.Equal((topic.Name, 0, 10, 19), (batch.Topic, batch.Partition, batch.FirstOffset, batch.LastOffset)));
        Assert.Equal(2, _kept.Count);
        Assert.Contains("cannot be decoded", _kept.First().Reason, StringComparison.Ordinal);
        await Eventually.EqualsAsync(null, () => worker.Kafka.PausedReason, _deadline);
        Assert.Equal(1, worker.Logs.Count("is kept as a dead letter"));
    }

    [KafkaFact]
    public async Task Damaged_batches_in_two_partitions_at_once_are_told_and_not_skipped()
    {
        await using var cluster = await KafkaCluster.StartAsync();
        using var topic = await KafkaTopic.CreateAsync(cluster, 2);
        await topic.WriteAsync(0, 100, 5);
        await topic.WriteAsync(0, 200, 5);
        await topic.WriteAsync(1, 300, 5);
        await cluster.Node.StopAsync();
        await cluster.DamageAsync(cluster.Node, new TopicPartition(topic.Name, 0), "200");
        await cluster.DamageAsync(cluster.Node, new TopicPartition(topic.Name, 1), "304");
        await cluster.Node.StartAsync();
        await cluster.Admin.IsInSyncAsync(topic.Name, 2);

        await using var worker = await StartAsync(topic);

        await Eventually.EqualsAsync("5,0", topic.CommittedTextAsync, _deadline);
        // Both are tried again a minute later, and nothing else happens then.
        await Eventually.BecomesTrueAsync(
            () => worker.Logs.All.Count(line => line.Text.Contains("cannot be decoded", StringComparison.Ordinal)) >= 2, _deadline);
        Assert.Equal("5,0", await topic.CommittedTextAsync());
        Assert.Empty(_kept);
        Assert.Contains("cannot be decoded", worker.Kafka.PausedReason!, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(100, 5), _function.Done.Select(int.Parse).Order());
    }

    /// <summary>Keeps a batch, the first time without saying so.</summary>
    public ValueTask KeepAsync(UndecodableBatch batch, CancellationToken cancellationToken)
    {
        _kept.Enqueue(batch);
        return Interlocked.Decrement(ref _refusals) >= 0 ? throw new IOException("The database is locked.") : ValueTask.CompletedTask;
    }

    private Task<TestWorker> StartAsync(KafkaTopic topic) => topic.StartAsync(
        _function, null, builder => builder.Services.AddSingleton<IUndecodableBatches>(this), ("commitOnFailure", "false"), ("maxRetries", "-1"));
}
