using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class SharedSpoolTests : FaultTest
{
    [Fact]
    public async Task Two_processes_on_one_spool_folder_lose_nothing_though_one_is_killed()
    {
        await Broker.DownAsync();
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var toFirst = Load.Start(first, FaultScale.Rate);
        await using var toSecond = Load.Start(second, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => toFirst.Answered > 500 && toSecond.Answered > 500, TimeSpan.FromSeconds(30));
        var fromSecond = await toSecond.StopAsync();

        // Longer ago than what kill -9 may cost.
        var written = toFirst.Answered;
        await Eventually.BecomesTrueAsync(() => toFirst.Answered > written + FaultScale.Rate);
        second.KillHard();

        // The first adopts what the second left; Kafka is slow to acknowledge it.
        await Broker.CommandAsync("rtt 300");
        await Broker.UpAsync();
        await first.BecomesUpAsync();
        var fromFirst = await toFirst.StopAsync();
        await AllAreStoredAsync(fromFirst + fromSecond);
        await AllIsSentAsync(first);
    }
}
