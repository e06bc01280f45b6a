using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>A topic that was deleted and made anew, and offsets that are not the topic's.</summary>
public sealed class RenewedTopicTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    [KafkaFact]
    public async Task A_consumer_reads_a_topic_that_was_made_anew_from_its_beginning()
    {
        using var topic = await CreateTopicAsync(2);
        await topic.WriteAsync(0, 0, 10);
        await using var worker = await topic.StartAsync(Function);
        await Eventually.EqualsAsync("10,0", topic.CommittedTextAsync, Deadline);
        await KnowsTheTopicAsync(worker);

        await topic.DeleteAsync();
        await topic.CreateAsync();
        // More than were committed of the old one, and in a partition that was empty.
        await topic.WriteAsync(0, 100, 25);
        await topic.WriteAsync(1, 200, 5);

        await Eventually.BecomesTrueAsync(() => Values(100..125, 200..205).IsSubsetOf(Function.Done), Deadline);
        await Eventually.EqualsAsync("25,5", topic.CommittedTextAsync, Deadline);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, Deadline);
    }

    [KafkaFact]
    public async Task A_consumer_whose_function_is_busy_meanwhile_goes_back_to_the_beginning()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 10);
        await using var worker = await topic.StartAsync(Function);
        await Eventually.EqualsAsync("10", topic.CommittedTextAsync, Deadline);
        await KnowsTheTopicAsync(worker);
        var gate = new TaskCompletionSource();
        Function.Body = _ => gate.Task;
        await topic.WriteAsync(0, 10, 1);
        await Eventually.EqualsAsync(2, () => Function.Calls.Select(call => call.Records[0].Offset).Count(offset => offset is 0 or 10), Deadline);

        await topic.DeleteAsync();
        await topic.CreateAsync();
        await topic.WriteAsync(0, 100, 40);
        await Eventually.EqualsAsync(1, () => worker.Logs.Count("was deleted and made anew"), Deadline);
        gate.SetResult();

        await Eventually.EqualsAsync("40", topic.CommittedTextAsync, Deadline);
        Assert.Superset(Values(100..140), Function.Done.ToHashSet());
    }

    [KafkaFact]
    public async Task A_consumer_that_was_away_meanwhile_reads_the_new_topic_from_its_beginning()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 10);
        await using (await topic.StartAsync(Function))
        {
            await Eventually.EqualsAsync("10", topic.CommittedTextAsync, Deadline);
        }

        await topic.DeleteAsync();
        await topic.CreateAsync();
        await topic.WriteAsync(0, 100, 40);
        await using var worker = await topic.StartAsync(Function);

        await Eventually.EqualsAsync("40", topic.CommittedTextAsync, Deadline);
        Assert.Superset(Values(100..140), Function.Done.ToHashSet());
    }

    [KafkaFact]
    public async Task What_a_consumer_committed_before_it_knew_of_the_new_topic_does_not_count_for_the_next_one()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 100, 40);
        var config = new ConsumerConfig { BootstrapServers = Brokers, GroupId = topic.Group };
        using (var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build())
        {
            new GroupOffsets(consumer.Handle).Commit(
                [new TopicPartitionOffset(topic.Name, 0, 20)], TopicIdentity.ToMetadata("5L6g3nShTReMCtKAAX86sw"));
        }

        await using var worker = await topic.StartAsync(Function);

        await Eventually.BecomesTrueAsync(() => Values(100..140).IsSubsetOf(Function.Done), Deadline);
        await Eventually.EqualsAsync("40", topic.CommittedTextAsync, Deadline);
        Assert.Equal(1, worker.Logs.Count("was deleted and made anew"));
    }

    [KafkaFact]
    public async Task Offsets_that_somebody_else_committed_are_kept_whatever_stands_beside_them()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 100, 40);
        var config = new ConsumerConfig { BootstrapServers = Brokers, GroupId = topic.Group };
        using (var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build())
        {
            new GroupOffsets(consumer.Handle).Commit([new TopicPartitionOffset(topic.Name, 0, 20)], "moved by hand");
        }

        await using var worker = await topic.StartAsync(Function);

        await Eventually.EqualsAsync("40", topic.CommittedTextAsync, Deadline);
        Assert.Equal(Values(120..140), Function.Done.ToHashSet());
    }

    [KafkaTheory]
    [InlineData("cooperative-sticky")]
    [InlineData("range")]
    public async Task Offsets_beyond_the_end_are_told_and_the_partition_is_read_from_its_beginning(string assignor)
    {
        using var topic = await CreateTopicAsync(2);
        await topic.WriteAsync(0, 0, 10);
        await topic.WriteAsync(1, 100, 4);
        await topic.CommitAsync(0, 80);
        await topic.CommitAsync(1, 3);

        await using var worker = await topic.StartAsync(Function, ("librdkafka:partition.assignment.strategy", assignor));

        await Eventually.EqualsAsync("10,4", topic.CommittedTextAsync, Deadline);
        Assert.Equal(Values(0..10, 103..104), Function.Done.ToHashSet());
        Assert.Equal(1, worker.Logs.Count("The offset 80 of"));
    }

    // What is read before the first answer, and committed by nobody yet, cannot be told from another topic's.
    private static Task KnowsTheTopicAsync(TestWorker worker) => Eventually.BecomesTrueAsync(
        () => worker.Services.GetRequiredService<KafkaListeners>().All[0].State.TopicId is not null, Deadline);
}
