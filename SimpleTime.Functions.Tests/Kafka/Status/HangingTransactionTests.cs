using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Trigger;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>A transaction that nobody ends, behind whose first record consumers of committed records wait.</summary>
public sealed class HangingTransactionTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    [KafkaFact]
    public async Task The_lag_has_what_waits_behind_it()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 2);
        await using var worker = await topic.StartAsync(Function);
        await Eventually.EqualsAsync("2", topic.CommittedTextAsync, Deadline);
        using var transaction = await TopicTransaction.BeginAsync(Brokers);
        await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
        await topic.WriteAsync(0, 2, 40);

        await Eventually.EqualsAsync(42, () => worker.Kafka.Lag, Deadline);
        Assert.Equal(["0", "1"], Function.Done);
        await transaction.AbortAsync();
    }
}
