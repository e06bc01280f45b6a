using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class PersisterKilledTests : FaultTest
{
    protected override bool NeedsTestBroker => false;

    [Fact]
    public async Task A_persister_killed_at_random_moments_loses_nothing_and_stores_nothing_twice()
    {
        var random = new Random(20261122);
        await using var emitter = await StartAsync(("AzureWebJobs.PersistEvents.Disabled", "true"));
        await emitter.BecomesUpAsync();
        await using var load = Load.Start(emitter, FaultScale.Rate);
        for (var i = 0; i < FaultScale.Kills; i++)
        {
            await using var persister = await StartAsync(("EVENT_SPOOL_PATH", Spool + "-persister"));
            var stored = await StoredEvents.RequestsAsync(Database);
            await Eventually.BecomesTrueAsync(async () => await StoredEvents.RequestsAsync(Database) > stored, TimeSpan.FromSeconds(30));
            await Task.Delay(random.Next(0, 700));
            persister.KillHard();
        }

        var answered = await load.StopAsync();
        await using var last = await StartAsync(("EVENT_SPOOL_PATH", Spool + "-persister"));
        await AllAreStoredAsync(answered);
    }
}
