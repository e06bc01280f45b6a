using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Xunit.Abstractions;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Three brokers, of which the service cannot reach one although the cluster has it lead partitions.</summary>
[Trait("Category", "Faults")]
public class KafkaLeaderTests(ThreeKafkaNodes nodes, ITestOutputHelper output) : KafkaClusterFaultTest(nodes), IClassFixture<ThreeKafkaNodes>
{
    [KafkaTheory]
    [InlineData("refuses", "connection refused")]
    [InlineData("hangs", "it takes connections and answers nothing, as one that hangs or is at its limit of connections (max.connections)")]
    [InlineData("drops", "no connection within 2 s")]
    public async Task The_other_partitions_get_all_while_the_leader_of_some_is_not_reached(string fault, string cause)
    {
        Brokers = Cluster.ProxiedBootstrapServers;
        await using var service = await StartAsync(("AzureWebJobs.PersistEvents.Disabled", "true"));
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate * 2, TimeSpan.FromSeconds(30));

        var proxy = Cluster.Proxies[0];
        switch (fault)
        {
            case "refuses":
                proxy.Refuse();
                break;
            case "hangs":
                proxy.Hang();
                break;
            default:
                await proxy.DropAsync();
                break;
        }

        // Longer than the time-out of the messages that were on their way.
        var longest = await LongestPauseAsync(service, TimeSpan.FromSeconds(35));
        output.WriteLine($"The longest pause of the acknowledgements was {longest.TotalSeconds:0.0} s.");
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        var answered = load.Answered;
        await Eventually.BecomesTrueAsync(
            async () => await service.MetricAsync("functions_kafka_output_delivered_total") >= 2L * answered * 9 / 10, TimeSpan.FromSeconds(20));
        Assert.True(await service.IsUpAsync());
        var reason = (await service.GetJsonAsync("/kafka/status")).GetProperty("reason").GetString();
        Assert.Matches($"^[1-9] of {Partitions} partitions take nothing: broker [0-9] at 127.0.0.1:{proxy.Port}: {Regex.Escape(cause)}$", reason);
        await service.LogsOnceAsync(cause);

        proxy.Restore();
        await Eventually.BecomesTrueAsync(
            async () => (await service.GetJsonAsync("/kafka/status")).GetProperty("reason").ValueKind == JsonValueKind.Null, TimeSpan.FromSeconds(30));
        answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Brokers = Cluster.BootstrapServers;
        await using var persister = await StartAsync(("EVENT_SPOOL_PATH", Spool + "-persister"));
        await AllAreStoredAsync(answered, TimeSpan.FromSeconds(60));
    }

    [KafkaFact]
    public async Task Partitions_that_a_topic_gets_are_used_within_10_seconds()
    {
        await using var service = await StartAsync(("AzureWebJobs.PersistEvents.Disabled", "true"));
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate, TimeSpan.FromSeconds(30));

        await Cluster.Admin.AddPartitionsAsync(Topic, Partitions + 2);

        using var observer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Brokers, GroupId = "none" }).Build();
        await Eventually.BecomesTrueAsync(() => Task.Run(() => End(observer) > 0), TimeSpan.FromSeconds(10));
        await load.StopAsync();
        await AllIsSentAsync(service);
    }

    private long End(IConsumer<Ignore, Ignore> observer) =>
        observer.QueryWatermarkOffsets(new TopicPartition(Topic, Partitions + 1), TimeSpan.FromSeconds(2)).High;

    private static async Task<TimeSpan> LongestPauseAsync(ServiceProcess service, TimeSpan duration)
    {
        var time = TimeProvider.System;
        var (started, last, delivered, longest) = (time.GetTimestamp(), time.GetTimestamp(), 0L, TimeSpan.Zero);
        while (time.GetElapsedTime(started) < duration)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            var now = await service.MetricAsync("functions_kafka_output_delivered_total");
            var pause = time.GetElapsedTime(last);
            longest = pause > longest ? pause : longest;
            if (now > delivered)
            {
                (delivered, last) = (now, time.GetTimestamp());
            }
        }

        return longest;
    }
}
