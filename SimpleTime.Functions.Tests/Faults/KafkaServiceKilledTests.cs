using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A service that is killed while Apache Kafka is there, which then waits for the dead member of the group.</summary>
[Trait("Category", "Faults")]
public class KafkaServiceKilledTests : KafkaFaultTest
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [KafkaFact]
    public async Task A_persister_killed_under_load_loses_nothing_and_stores_nothing_twice()
    {
        await using var emitter = await StartAsync(("AzureWebJobs.PersistEvents.Disabled", "true"));
        await emitter.BecomesUpAsync();
        await using var load = Load.Start(emitter, FaultScale.Rate);
        for (var i = 0; i < FaultScale.Kills / 2; i++)
        {
            await using var persister = await StartAsync(("EVENT_SPOOL_PATH", Spool + "-persister"));
            var stored = await StoredEvents.RequestsAsync(Database);
            await Eventually.BecomesTrueAsync(async () => await StoredEvents.RequestsAsync(Database) > stored, _patience);
            persister.KillHard();
        }

        var answered = await load.StopAsync();
        await using var last = await StartAsync(("EVENT_SPOOL_PATH", Spool + "-persister"));
        await AllAreStoredAsync(answered, _patience);
    }

    [KafkaFact]
    public async Task A_service_killed_under_load_loses_at_most_what_Kafka_has_not_acknowledged()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(Database) > FaultScale.Rate * 3, _patience);
        var killed = Stopwatch.GetTimestamp();
        service.KillHard();
        var answered = await load.StopAsync();
        // Two seconds, since a busy broker may be late to acknowledge.
        var old = load.AnsweredBy(killed - (Stopwatch.Frequency * 2));
        Assert.True(old > 100);
        var ends = await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => Cluster.Admin.OffsetsAsync(Topic, partition)));

        await using var next = await StartAsync();
        await Eventually.BecomesTrueAsync(async () => await EventsAsync() >= ends.Sum(offsets => offsets.End), _patience);
        await AllAreStoredAsync(old, answered + load.CutOff);
    }
}
