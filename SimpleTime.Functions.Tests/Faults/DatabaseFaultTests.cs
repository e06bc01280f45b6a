using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class DatabaseFaultTests : FaultTest
{
    protected override bool NeedsTestBroker => false;

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
            await LastsAsync(load, FaultScale.Lock);
            var status = await Eventually.MeetsAsync(
                () => service.GetJsonAsync("/kafka/status"),
                s => s.GetProperty("paused_reason").GetString() is not null,
                TimeSpan.FromSeconds(20));
            Assert.Contains("locked", status.GetProperty("paused_reason").GetString(), StringComparison.Ordinal);
        }

        await AllAreStoredAsync(50 + await load.StopAsync());
        Assert.Equal(0, load.Refused);
    }

    [Fact]
    public async Task Events_go_to_the_file_at_the_path_when_the_open_one_is_renamed()
    {
        var old = Database + ".old";
        await LoseFileAsync(() => File.Move(Database, old), old);
    }

    [Fact]
    public async Task Events_go_to_the_file_at_the_path_when_the_open_one_is_unlinked()
    {
        // A second name, under which it can still be looked at.
        var link = Database + ".link";
        await LoseFileAsync(
            () =>
            {
                using (var ln = Forks.Start(new ProcessStartInfo("ln", [Database, link])))
                {
                    ln.WaitForExit();
                }

                File.Delete(Database);
            },
            link);
    }

    [Fact]
    public async Task Events_go_to_the_file_at_the_path_when_it_is_overwritten_by_a_backup()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await service.GetTimesAsync(50);
        await AllAreStoredAsync(50);
        var backup = Database + ".backup";
        await using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var copy = connection.CreateCommand();
            copy.CommandText = $"VACUUM INTO '{backup}'";
            await copy.ExecuteNonQueryAsync();
        }

        // As cp does: the same file with another content.
        await using (var file = new FileStream(Database, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            await file.WriteAsync(await File.ReadAllBytesAsync(backup));
        }

        await service.GetTimesAsync(50);
        await AllAreStoredAsync(100);
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("was overwritten", StringComparison.Ordinal)));
    }

    /// <summary>Takes the file away under load. What was stored by then is in it, whatever its name; the rest is in the one at the path.</summary>
    private async Task LoseFileAsync(Action lose, string old)
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(async () => await StoredEvents.RequestsAsync(Database) > 200, TimeSpan.FromSeconds(30));

        lose();
        await Eventually.BecomesTrueAsync(
            async () => File.Exists(Database) && await StoredEvents.RequestsAsync(Database) > 200, TimeSpan.FromSeconds(30));
        var answered = await load.StopAsync();

        const string both = "SELECT (SELECT count(*) FROM (SELECT event_id FROM http_requests UNION SELECT event_id FROM old.http_requests))"
            + " + (SELECT count(*) FROM (SELECT event_id FROM http_responses UNION SELECT event_id FROM old.http_responses))";
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"ATTACH '{old}' AS old";
        await command.ExecuteNonQueryAsync();
        command.CommandText = both;
        await Eventually.EqualsAsync(2L * answered, async () => (long)(await command.ExecuteScalarAsync())!, TimeSpan.FromSeconds(40));
        Assert.Equal(await EventsAsync(), await StoredEvents.CountAsync(
            Database, "SELECT (SELECT count(DISTINCT event_id) FROM http_requests) + (SELECT count(DISTINCT event_id) FROM http_responses)"));
    }
}
