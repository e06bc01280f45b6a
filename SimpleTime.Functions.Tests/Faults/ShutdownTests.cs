using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>SIGTERM under load: in time, with exit code 0, and all that was accepted is stored by then or by the next start.</summary>
[Trait("Category", "Faults")]
public class ShutdownTests : FaultTest
{
    // The contract's 15 s, and what a busy machine may take.
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("there")]
    [InlineData("away")]
    [InlineData("frozen")]
    public async Task Nothing_is_lost_by_SIGTERM_under_load_while_Kafka_is(string state)
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate);
        if (state == "away")
        {
            await Broker.DownAsync();
        }
        else if (state == "frozen")
        {
            Broker.Freeze();
        }

        var before = load.Answered;
        await Eventually.BecomesTrueAsync(() => load.Answered > before + FaultScale.Rate);
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(_deadline));
        var answered = await load.StopAsync();

        if (state == "away")
        {
            await Broker.UpAsync();
        }
        else if (state == "frozen")
        {
            Broker.Thaw();
        }

        await using var next = await StartAsync();
        await AllAreStoredAsync(answered, answered + load.CutOff);
    }

    [Fact]
    public async Task A_second_SIGTERM_corrupts_nothing()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate);
        await Broker.DownAsync();
        var before = load.Answered;
        await Eventually.BecomesTrueAsync(() => load.Answered > before + FaultScale.Rate);

        service.Terminate();
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("Application is shutting down", StringComparison.Ordinal)));
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(_deadline));
        var answered = await load.StopAsync();

        await Broker.UpAsync();
        await using var next = await StartAsync();
        await AllAreStoredAsync(answered, answered + load.CutOff);
        Assert.Equal(1L, await StoredEvents.CountAsync(Database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"));
    }
}
