using Confluent.Kafka;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>What keeps a consumer out of its group.</summary>
public sealed class KeptOutTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    [KafkaFact]
    public async Task A_session_timeout_outside_the_bounds_of_the_broker_is_told()
    {
        using var topic = await CreateTopicAsync();

        await using var worker = await topic.StartAsync(Function, ("sessionTimeoutMs", "3000"));

        await IsKeptOutAsync(worker, "session timeout");
    }

    [KafkaFact]
    public async Task Another_assignor_in_the_group_is_told_until_its_member_is_gone()
    {
        using var topic = await CreateTopicAsync();
        using (var other = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = Brokers,
            GroupId = topic.Group,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.RoundRobin,
        }).Build())
        {
            other.Subscribe(topic.Name);
            await Eventually.BecomesTrueAsync(
                () =>
                {
                    other.Consume(TimeSpan.FromMilliseconds(10));
                    return other.Assignment.Count > 0;
                },
                Deadline);

            await using var early = await topic.StartAsync(Function);
            await IsKeptOutAsync(early, "protocol");
            other.Close();
            await IsInAsync(early);
        }
    }

    [KafkaFact]
    public async Task Two_members_with_one_instance_id_are_told_and_the_fenced_one_waits_longer_each_time()
    {
        using var topic = await CreateTopicAsync();
        await using var first = await topic.StartAsync(Function, ("librdkafka:group.instance.id", "one"));
        await IsInAsync(first);

        await using var second = await topic.StartAsync(Function, ("librdkafka:group.instance.id", "one"));

        await IsKeptOutAsync(first, "group.instance.id");
        await Eventually.BecomesTrueAsync(() => first.Logs.Count("is replaced after 00:00:02") + second.Logs.Count("is replaced after 00:00:02") > 0, Deadline);
        await Eventually.BecomesTrueAsync(() => first.Logs.Count("is replaced after 00:00:04") + second.Logs.Count("is replaced after 00:00:04") > 0, Deadline);
    }

    [KafkaFact]
    public async Task AFunction_that_runs_when_its_consumer_fails_for_good_is_cancelled_and_ends_before_the_batch_comes_again()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 1);
        int running = 0, most = 0, cancelled = 0;
        Function.Body = async call =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Delay(Timeout.Infinite, call.Context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Increment(ref cancelled);
            // As one does that has to put things in order.
            await Task.Delay(TimeSpan.FromSeconds(3), CancellationToken.None);
            Interlocked.Decrement(ref running);
            call.Context.CancellationToken.ThrowIfCancellationRequested();
        };
        await using var worker = await topic.StartAsync(Function, ("librdkafka:group.instance.id", "one"), ("commitOnFailure", "false"), ("maxRetries", "-1"));
        await Eventually.EqualsAsync(1, () => Volatile.Read(ref running), Deadline);

        await using (var other = await topic.StartAsync(new RecordedFunction { Body = call => Task.Delay(Timeout.Infinite, call.Context.CancellationToken) }, ("librdkafka:group.instance.id", "one")))
        {
            await Eventually.EqualsAsync(1, () => Volatile.Read(ref cancelled), Deadline);
        }

        await Eventually.EqualsAsync(2, () => Function.Calls.Count, Deadline);
        Assert.Equal(1, most);
    }

    [KafkaFact]
    public async Task A_full_group_and_rights_that_are_lost_are_told_until_they_are_given()
    {
        await using var cluster = await KafkaCluster.StartAsync(new()
        {
            Users = new Dictionary<string, string> { ["amy"] = "secret" },
            HasAuthorizer = true,
            Properties = new Dictionary<string, string> { ["group.max.size"] = "1" },
        });
        using var topic = await KafkaTopic.CreateAsync(cluster);
        await cluster.Admin.AllowAsync("amy", Confluent.Kafka.Admin.ResourceType.Topic, topic.Name);
        await cluster.Admin.AllowAsync("amy", Confluent.Kafka.Admin.ResourceType.Group, topic.Group);
        var security = cluster.SecuritySettings("amy").Select(setting => (setting.Name, setting.Value!)).ToArray();
        await using var worker = await topic.StartAsync(Function, cluster.SecureBootstrapServers, null, security);
        await topic.WriteAsync(0, 0, 1);
        await Eventually.EqualsAsync("1", topic.CommittedTextAsync, Deadline);

        await using (var second = await topic.StartAsync(Function))
        {
            await IsKeptOutAsync(second, "max");
        }

        await cluster.Admin.ForbidAsync("amy", Confluent.Kafka.Admin.ResourceType.Topic, topic.Name);
        await cluster.Admin.AllowAsync("amy", Confluent.Kafka.Admin.ResourceType.Topic, topic.Name, Confluent.Kafka.Admin.AclOperation.Describe);
        await topic.WriteAsync(0, 1, 1);
        await Eventually.BecomesTrueAsync(() => worker.Kafka.PausedReason?.Contains("authoriz", StringComparison.OrdinalIgnoreCase) == true, Deadline);
        Assert.Equal(1, worker.Logs.Count("uthoriz"));

        await cluster.Admin.AllowAsync("amy", Confluent.Kafka.Admin.ResourceType.Topic, topic.Name);
        await Eventually.EqualsAsync("2", topic.CommittedTextAsync, Deadline);
        await IsInAsync(worker);
    }

    private static async Task IsKeptOutAsync(TestWorker worker, string cause)
    {
        await Eventually.BecomesTrueAsync(
            () => worker.Kafka is { IsUp: true, Consumer: KafkaClientState.NotUp, PausedReason: { } reason } && reason.Contains(cause, StringComparison.OrdinalIgnoreCase),
            Deadline);
        Assert.Contains(worker.Logs.All, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error && line.Text.Contains(cause, StringComparison.OrdinalIgnoreCase));
    }

    private static Task IsInAsync(TestWorker worker) =>
        Eventually.BecomesTrueAsync(() => worker.Kafka is { IsUp: true, Consumer: KafkaClientState.Up, PausedReason: null }, Deadline);
}
