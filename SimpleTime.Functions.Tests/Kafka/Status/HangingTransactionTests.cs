using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Trigger;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>A transaction that nobody ends, behind whose first record consumers of committed records wait.</summary>
[Collection(SharedKafka.Name)]
public sealed class HangingTransactionTests(SharedKafka kafka)
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private readonly RecordedFunction _function = new();

    [KafkaFact]
    public async Task The_lag_has_what_waits_behind_it()
    {
        using var topic = await KafkaTopic.CreateAsync(kafka.Cluster);
        await topic.WriteAsync(0, 0, 2);
        await using var worker = await topic.StartAsync(_function);
        await Eventually.EqualsAsync("2", topic.CommittedTextAsync, _deadline);
        using var transaction = await TopicTransaction.BeginAsync(kafka.Cluster.BootstrapServers);
        await transaction.WriteAsync(new TopicPartition(topic.Name, 0), "x", "y");
        await topic.WriteAsync(0, 2, 40);

        await Eventually.EqualsAsync(42, () => worker.Kafka.Lag, _deadline);
        Assert.Equal(["0", "1"], _function.Done);
        await transaction.AbortAsync();
    }
}
