using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>The group protocol that host.json may choose.</summary>
public sealed class GroupProtocolTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    [KafkaTheory]
    [InlineData("Consumer", ConsumerGroupType.Consumer)]
    [InlineData("classic", ConsumerGroupType.Classic)]
    public async Task A_group_of_two_members_consumes_by_either_protocol(string protocol, ConsumerGroupType type)
    {
        using var topic = await CreateTopicAsync(2);
        await topic.WriteAsync(0, 0, 10);
        await using var worker = await topic.StartAsync(Function, ("librdkafka:group.protocol", protocol));
        await Eventually.EqualsAsync("10,0", topic.CommittedTextAsync, Deadline);
        var other = new RecordedFunction();
        await using (var second = await topic.StartAsync(other, ("librdkafka:group.protocol", protocol)))
        {
            await Eventually.EqualsAsync((1, 1), async () => await PartitionsOfMembersAsync(topic.Group, type), Deadline);
            await topic.WriteAsync(0, 10, 10);
            await topic.WriteAsync(1, 20, 10);
            await Eventually.EqualsAsync("20,10", topic.CommittedTextAsync, Deadline);
            Assert.Equal((20, 10), (Function.Done.Count, other.Done.Count));
        }

        await topic.WriteAsync(0, 30, 5);
        await topic.WriteAsync(1, 35, 5);
        await Eventually.EqualsAsync("25,15", topic.CommittedTextAsync, Deadline);
        Assert.DoesNotContain(worker.Logs.All, line => line.Level >= LogLevel.Warning);
    }

    private async Task<(int First, int Second)> PartitionsOfMembersAsync(string group, ConsumerGroupType type)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Brokers }).Build();
        var described = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
        var counts = described.GroupType == type ? described.Members.ConvertAll(member => member.Assignment.TopicPartitions.Count) : [];
        return counts.Count == 2 ? (counts[0], counts[1]) : default;
    }
}
