using Confluent.Kafka.Admin;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A broker that is there and does not take what it is sent, until an operator changes that.</summary>
[Trait("Category", "Faults")]
public class KafkaRefusalTests : KafkaFaultTest
{
    private const string User = "service";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private protected override KafkaClusterOptions Options => new()
    {
        Users = new Dictionary<string, string> { [User] = "secret" },
        HasAuthorizer = true,
    };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.Admin.AllowAsync(User, ResourceType.Group, "*");
        foreach (var operation in (AclOperation[])[AclOperation.Read, AclOperation.Write])
        {
            await Cluster.Admin.AllowAsync(User, ResourceType.Topic, Topic, operation);
        }
    }

    [KafkaFact]
    public Task All_arrives_when_the_right_to_write_was_taken_for_a_while() => AllArrivesAsync(
        () => Cluster.Admin.ForbidAsync(User, ResourceType.Topic, Topic, AclOperation.Write),
        () => Cluster.Admin.AllowAsync(User, ResourceType.Topic, Topic, AclOperation.Write),
        isToldNotUp: true);

    [KafkaFact]
    public Task All_arrives_though_nothing_new_comes_when_the_right_to_write_is_back() => AllArrivesAsync(
        () => Cluster.Admin.ForbidAsync(User, ResourceType.Topic, Topic, AclOperation.Write),
        () => Cluster.Admin.AllowAsync(User, ResourceType.Topic, Topic, AclOperation.Write),
        isToldNotUp: true,
        isIdle: true);

    [KafkaFact]
    public async Task All_arrives_when_the_right_to_write_comes_after_Kafka()
    {
        await Cluster.Admin.ForbidAsync(User, ResourceType.Topic, Topic, AclOperation.Write);
        await using var service = await StartAsync(Cluster.SecuritySettings(User));
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate * 5, _patience);
        await service.LogsOnceAsync("Kafka is NOT UP");

        await Cluster.Admin.AllowAsync(User, ResourceType.Topic, Topic, AclOperation.Write);
        await AllArrivedAsync(service, load);
    }

    [KafkaFact]
    public Task All_arrives_when_the_largest_batch_becomes_smaller_than_those_on_their_way() => AllArrivesAsync(
        () => Cluster.Admin.SetTopicAsync(Topic, "max.message.bytes", "600"),
        () => Task.CompletedTask);

    [KafkaFact]
    public Task All_arrives_when_the_topic_was_compacted_for_a_while() => AllArrivesAsync(
        () => Cluster.Admin.SetTopicAsync(Topic, "cleanup.policy", "compact"),
        () => Cluster.Admin.SetTopicAsync(Topic, "cleanup.policy", "delete"),
        isToldNotUp: true);

    [KafkaFact]
    public Task All_arrives_though_Kafka_takes_no_old_timestamps_after_it_hung() => AllArrivesAsync(
        async () =>
        {
            await Cluster.Admin.SetTopicAsync(Topic, "message.timestamp.before.max.ms", "1000");
            Cluster.Node.Freeze();
        },
        () =>
        {
            Cluster.Node.Thaw();
            return Task.CompletedTask;
        });

    private async Task AllArrivesAsync(Func<Task> begin, Func<Task> end, bool isToldNotUp = false, bool isIdle = false)
    {
        await using var service = await StartAsync(Cluster.SecuritySettings(User));
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate * 2, _patience);

        await begin();
        if (isToldNotUp)
        {
            await Eventually.BecomesTrueAsync(async () => !await service.IsUpAsync(), TimeSpan.FromSeconds(20));
        }

        await LastsAsync(load, TimeSpan.FromSeconds(4));
        if (isIdle)
        {
            await load.StopAsync();
        }

        await end();
        await AllArrivedAsync(service, load);
    }

    private async Task AllArrivedAsync(ServiceProcess service, Load load)
    {
        await Eventually.BecomesTrueAsync(service.IsUpAsync, _patience);
        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered, _patience);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_rejected_total"));
    }
}
