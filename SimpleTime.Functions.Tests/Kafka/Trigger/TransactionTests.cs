using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Transactions, whose ends are markers in the partition that no consumer gets.</summary>
[Collection(SharedKafka.Name)]
public sealed class TransactionTests(SharedKafka kafka)
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private readonly RecordedFunction _function = new();

    [KafkaTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_lag_becomes_0_behind_the_end_of_a_transaction(bool isCommitted)
    {
        using var topic = await KafkaTopic.CreateAsync(kafka.Cluster);
        await topic.WriteAsync(0, 0, 2);
        await using var worker = await topic.StartAsync(_function);
        await Eventually.EqualsAsync("2", topic.CommittedTextAsync, _deadline);
        using (var transaction = await TopicTransaction.BeginAsync(kafka.Cluster.BootstrapServers))
        {
            await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
            await (isCommitted ? transaction.CommitAsync() : transaction.AbortAsync());
        }

        await Eventually.EqualsAsync("5", topic.CommittedTextAsync, _deadline);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, _deadline);
        Assert.Equal(isCommitted ? ["0", "1", "x", "y"] : ["0", "1"], _function.Done);
    }

    [KafkaFact]
    public async Task The_end_is_committed_only_when_what_is_before_it_is_done()
    {
        using var topic = await KafkaTopic.CreateAsync(kafka.Cluster);
        using (var transaction = await TopicTransaction.BeginAsync(kafka.Cluster.BootstrapServers))
        {
            await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
            await transaction.CommitAsync();
        }

        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await using var worker = await topic.StartAsync(_function, ("maxBatchSize", "1"));
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0, _deadline);
        await Eventually.BecomesTrueAsync(() => worker.Kafka.Lag == 3, _deadline);
        Assert.Equal("0", await topic.CommittedTextAsync());

        gate.SetResult();
        await Eventually.EqualsAsync("3", topic.CommittedTextAsync, _deadline);
        Assert.Equal(["x", "y"], _function.Done);
    }
}
