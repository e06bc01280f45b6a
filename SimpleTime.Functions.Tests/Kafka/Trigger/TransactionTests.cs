using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Transactions, whose ends are markers in the partition that no consumer gets.</summary>
public sealed class TransactionTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    [KafkaTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_lag_becomes_0_behind_the_end_of_a_transaction(bool isCommitted)
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 2);
        await using var worker = await topic.StartAsync(Function);
        await Eventually.EqualsAsync("2", topic.CommittedTextAsync, Deadline);
        using (var transaction = await TopicTransaction.BeginAsync(Brokers))
        {
            await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
            await (isCommitted ? transaction.CommitAsync() : transaction.AbortAsync());
        }

        await Eventually.EqualsAsync("5", topic.CommittedTextAsync, Deadline);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, Deadline);
        Assert.Equal(isCommitted ? ["0", "1", "x", "y"] : ["0", "1"], Function.Done);
    }

    [KafkaFact]
    public async Task The_end_is_committed_only_when_what_is_before_it_is_done()
    {
        using var topic = await CreateTopicAsync();
        using (var transaction = await TopicTransaction.BeginAsync(Brokers))
        {
            await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
            await transaction.CommitAsync();
        }

        var gate = new TaskCompletionSource();
        Function.Body = _ => gate.Task;
        await using var worker = await topic.StartAsync(Function, ("maxBatchSize", "1"));
        await Eventually.BecomesTrueAsync(() => Function.Calls.Count > 0, Deadline);
        await Eventually.BecomesTrueAsync(() => worker.Kafka.Lag == 3, Deadline);
        Assert.Equal("0", await topic.CommittedTextAsync());

        gate.SetResult();
        await Eventually.EqualsAsync("3", topic.CommittedTextAsync, Deadline);
        Assert.Equal(["x", "y"], Function.Done);
    }
}
