using Microsoft.Data.Sqlite;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class DatabaseFaultTests : FaultTest
{
    [Fact]
    public async Task Two_persisters_on_one_file_store_each_event_once()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await first.BecomesUpAsync();
        await second.BecomesUpAsync();
        await using var toFirst = Load.Start(first, FaultScale.Rate);
        await using var toSecond = Load.Start(second, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => toFirst.Answered > 1000 && toSecond.Answered > 1000, TimeSpan.FromSeconds(30));

        await AllAreStoredAsync(await toFirst.StopAsync() + await toSecond.StopAsync(), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Events_wait_while_another_process_has_the_database_locked()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await service.GetTimesAsync(50);
        await AllAreStoredAsync(50);
        await using var load = Load.Start(service, FaultScale.Rate);

        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await other.OpenAsync();
            await using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            await begin.ExecuteNonQueryAsync();
            var status = await Eventually.MeetsAsync(
                () => service.GetJsonAsync("/kafka/status"),
                s => s.GetProperty("paused_reason").GetString() is not null,
                TimeSpan.FromSeconds(20));
            Assert.Contains("locked", status.GetProperty("paused_reason").GetString(), StringComparison.Ordinal);
        }

        await AllAreStoredAsync(50 + await load.StopAsync());
        Assert.Equal(0, load.Refused);
    }

    [Theory]
    [InlineData("renamed")]
    [InlineData("unlinked")]
    public async Task Events_go_to_the_file_at_the_path_when_the_open_one_is(string fate)
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await service.GetTimesAsync(50);
        await AllAreStoredAsync(50);

        if (fate == "renamed")
        {
            File.Move(Database, Database + ".old");
        }
        else
        {
            File.Delete(Database);
        }

        await service.GetTimesAsync(50);
        await AllAreStoredAsync(50);
    }
}
