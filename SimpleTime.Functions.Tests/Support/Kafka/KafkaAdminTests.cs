using Confluent.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>What tests do to a topic and a group.</summary>
[Collection(SharedKafka.Name)]
public class KafkaAdminTests(SharedKafka kafka)
{
    private readonly string _topic = $"topic-{Guid.NewGuid():N}";

    private KafkaCluster Cluster => kafka.Cluster;

    [KafkaFact]
    public async Task Topics_are_made_changed_emptied_deleted_and_made_anew()
    {
        await Cluster.Admin.CreateTopicAsync(_topic, 2, ("retention.ms", "1000000"));
        await Cluster.Admin.SetTopicAsync(_topic, "max.message.bytes", "100");
        using var writer = new TopicWriter(Cluster.BootstrapServers);
        var tooLarge = await Record.ExceptionAsync(() => writer.WriteAsync(new(_topic, 1), new string('x', 200)));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, Assert.IsAssignableFrom<KafkaException>(tooLarge).Error.Code);

        await writer.WriteAsync(new(_topic, 1), "1", "2", "3");
        await Cluster.Admin.DeleteRecordsAsync(_topic, 1, 2);
        Assert.Equal((2, 3), await Cluster.Admin.OffsetsAsync(_topic, 1));

        await Cluster.Admin.DeleteTopicAsync(_topic);
        await Cluster.Admin.CreateTopicAsync(_topic, 1);
        await Cluster.Admin.AddPartitionsAsync(_topic, 3);
        Assert.Equal((0, 0), await Cluster.Admin.OffsetsAsync(_topic, 2));
    }

    [KafkaFact]
    public async Task Groups_have_the_offsets_that_are_set()
    {
        await Cluster.Admin.CreateTopicAsync(_topic, 2);
        var group = _topic + "-readers";
        await Cluster.Admin.SetGroupOffsetsAsync(group, new TopicPartitionOffset(_topic, 0, 80), new TopicPartitionOffset(_topic, 1, 3));
        var committed = await TopicReader.CommittedAsync(Cluster.BootstrapServers, group, [new(_topic, 0), new(_topic, 1)]);
        Assert.Equal([80, 3], committed);
    }

    [KafkaFact]
    public async Task Transactions_are_committed_aborted_and_left_hanging()
    {
        await Cluster.Admin.CreateTopicAsync(_topic, 3);
        for (var partition = 0; partition < 3; partition++)
        {
            using var transaction = await TopicTransaction.BeginAsync(Cluster.BootstrapServers);
            await transaction.WriteAsync(new(_topic, partition), "1", "2");
            await (partition switch { 0 => transaction.CommitAsync(), 1 => transaction.AbortAsync(), _ => Task.CompletedTask });
        }

        // The marker of the end takes an offset.
        var ends = await Task.WhenAll(Enumerable.Range(0, 3).Select(partition => Cluster.Admin.OffsetsAsync(_topic, partition)));
        Assert.Equal([(0, 3), (0, 3), (0, 2)], ends);
        var stable = await Task.WhenAll(Enumerable.Range(0, 3).Select(partition => Task.Run(() => StableEnd(partition))));
        Assert.Equal([3, 3, 0], stable);
    }

    /// <summary>Where readers of committed records stop.</summary>
    private long StableEnd(int partition)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = Cluster.BootstrapServers,
            GroupId = "nobody",
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).SetLogHandler((_, _) => { }).Build();
        return consumer.QueryWatermarkOffsets(new(_topic, partition), TimeSpan.FromSeconds(10)).High;
    }
}
