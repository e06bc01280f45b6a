using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class KafkaOutageTests : FaultTest
{
    [Fact]
    public Task Nothing_is_lost_while_the_broker_is_away() => NothingIsLostAsync(async load =>
    {
        await Broker.DownAsync();
        await LastsAsync(load, FaultScale.Outage);
        await Broker.UpAsync();
    });

    [Fact]
    public async Task Nothing_is_lost_when_the_broker_is_away_at_the_start()
    {
        await Broker.DownAsync();
        await NothingIsLostAsync(
            async load =>
            {
                await LastsAsync(load, FaultScale.Outage);
                await Broker.UpAsync();
            },
            isUpAtFirst: false);
    }

    [Fact]
    public Task Nothing_is_lost_while_the_broker_hangs() => NothingIsLostAsync(async load =>
    {
        Broker.Freeze();
        await LastsAsync(load, FaultScale.Outage);
        Broker.Thaw();
    });

    [Fact]
    public Task Nothing_is_lost_while_the_broker_flaps() => NothingIsLostAsync(async load =>
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < FaultScale.Outage;)
        {
            await Broker.DownAsync();
            await LastsAsync(load, TimeSpan.FromSeconds(1));
            await Broker.UpAsync();
            await LastsAsync(load, TimeSpan.FromSeconds(1));
        }
    });

    [Fact]
    public async Task What_was_accepted_before_SIGTERM_is_stored_by_the_next_start()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await Broker.DownAsync();
        await service.GetTimesAsync(300);
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));

        await Broker.UpAsync();
        await using var next = await StartAsync();
        await AllAreStoredAsync(300);
    }

    [Fact]
    public async Task Of_what_an_emitter_accepted_before_kill_9_only_the_last_200_ms_may_be_missing()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await Broker.DownAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await LastsAsync(load, FaultScale.Outage / 2);
        var killed = Stopwatch.GetTimestamp();
        service.KillHard();
        var answered = await load.StopAsync();
        // Half a second, since a busy machine may come late to what is done every 50 ms.
        var old = load.AnsweredBy(killed - (Stopwatch.Frequency / 2));
        Assert.True(old > 100);

        await Broker.UpAsync();
        await using var next = await StartAsync();
        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(Database) >= old, TimeSpan.FromSeconds(40));
        Assert.InRange(await StoredEvents.RequestsAsync(Database), old, answered + FaultScale.Rate);
    }
}
