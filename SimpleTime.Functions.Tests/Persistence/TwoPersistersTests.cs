using Confluent.Kafka;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class TwoPersistersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_stores_write_to_one_file_and_the_second_says_so_once()
    {
        LineLogger firstLog = new(), secondLog = new();
        await using var first = TempFolder.Store(_folder.Database, firstLog);
        await using var second = TempFolder.Store(_folder.Database, secondLog);
        await first.PersistAsync([TempFolder.Row("begin")], default);

        // Long enough for checkpoints of both.
        await Task.WhenAll(WriteAsync(first, "first"), WriteAsync(second, "second"));

        Assert.Equal(["601"], _folder.Query("SELECT count(*) FROM custom_events"));
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        Assert.Equal([$"301 Created the tables in {_folder.Database}."], firstLog.Lines);
        Assert.Equal(
            [$"308 Another process persists to {_folder.Database}; both stay correct, but they wait for each other's locks. Run one."],
            secondLog.Lines);
    }

    [Fact]
    public async Task The_second_store_takes_the_lock_over()
    {
        LineLogger log = new(), thirdLog = new();
        var first = TempFolder.Store(_folder.Database);
        await using var second = TempFolder.Store(_folder.Database, log);
        await first.PersistAsync([TempFolder.Row("a")], default);
        await second.PersistAsync([TempFolder.Row("b")], default);
        Assert.Equal(1, log.Count(308));

        await first.DisposeAsync();
        await Eventually.BecomesTrueAsync(() => log.Count(309) == 1);

        await using var third = TempFolder.Store(_folder.Database, thirdLog);
        await third.PersistAsync([TempFolder.Row("c")], default);
        Assert.Equal(1, thirdLog.Count(308));
        Assert.Equal(["a", "b", "c"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
    }

    [Fact]
    public async Task A_lock_file_that_cannot_be_had_keeps_nobody_from_writing()
    {
        LineLogger log = new();
        Directory.CreateDirectory(_folder.Database + ".lock");
        await using var store = TempFolder.Store(_folder.Database, log);

        await store.PersistAsync([TempFolder.Row("a")], default);

        Assert.Equal(["a"], _folder.Query("SELECT event_id FROM custom_events"));
        Assert.Equal(0, log.Count(308));
    }

    [Fact]
    public async Task A_killed_process_frees_the_lock_and_its_log_is_taken_over()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(
            ServiceCalls.Settings(broker.BootstrapServers, ("DB_PATH", _folder.Database)));
        await service.GetTimesAsync(20);
        await Eventually.EqualsAsync(20L, () => StoredEvents.AnsweredRequestsAsync(_folder.Database), TimeSpan.FromSeconds(30));
        LineLogger log = new();
        await using var store = TempFolder.Store(_folder.Database, log);
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal([308], Ids(log));

        service.KillHard();
        await Eventually.BecomesTrueAsync(() => log.Count(309) == 1);

        await store.PersistAsync([TempFolder.Row("b")], default);
        Assert.Equal([308, 309], Ids(log));
        Assert.Equal(20L, await StoredEvents.AnsweredRequestsAsync(_folder.Database));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_processes_go_on_with_a_file_that_replaced_theirs(bool inPlace)
    {
        var backup = Path.Combine(_folder.Root, "backup.db");
        await using (var another = TempFolder.Store(backup))
        {
            await another.PersistAsync([TempFolder.Row("backup")], default);
        }

        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(
            ServiceCalls.Settings(broker.BootstrapServers, ("DB_PATH", _folder.Database)));
        await service.GetTimesAsync(5);
        await Eventually.EqualsAsync(5L, () => StoredEvents.AnsweredRequestsAsync(_folder.Database), TimeSpan.FromSeconds(30));
        // Rows are seen before their batch has ended, and a batch whose file is gone by then is stored once more, in the new one.
        await Eventually.EqualsAsync(10L, () => CommittedAsync(broker), TimeSpan.FromSeconds(30));
        await using var store = TempFolder.Store(_folder.Database);
        await store.PersistAsync([TempFolder.Row("before")], default);

        if (inPlace)
        {
            using var file = new FileStream(_folder.Database, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(await File.ReadAllBytesAsync(backup));
        }
        else
        {
            File.Move(backup, _folder.Database, overwrite: true);
        }

        List<string> ids = ["backup"];
        for (var i = 0; i < 20; i++)
        {
            var id = $"after-{i}";
            await Eventually.BecomesTrueAsync(
                async () => (await store.PersistAsync([TempFolder.Row(id)], default)).CustomEvents >= 0, TimeSpan.FromSeconds(40));
            ids.Add(id);
            await service.GetTimesAsync(1);
        }

        await Eventually.EqualsAsync(20L, () => StoredEvents.AnsweredRequestsAsync(_folder.Database), TimeSpan.FromSeconds(40));
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        await store.DisposeAsync();
        Assert.Equal(ids, _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        Assert.Equal(20L, await StoredEvents.AnsweredRequestsAsync(_folder.Database));
    }

    private static async Task<long?> CommittedAsync(BrokerProcess broker) =>
        (await TopicReader.CommittedAsync(broker.BootstrapServers, "simple-time-group", [new TopicPartition(ServiceCalls.Topic, 0)])).Single();

    private static int[] Ids(LineLogger log) =>
        [.. log.Lines.Select(line => int.Parse(line[..3], System.Globalization.CultureInfo.InvariantCulture))];

    private static async Task WriteAsync(SqliteEventStore store, string name)
    {
        for (var i = 0; i < 300; i++)
        {
            var summary = await store.PersistAsync([TempFolder.Row($"{name}-{i}")], default);
            Assert.Equal(1, summary.CustomEvents);
            await Task.Delay(10);
        }
    }
}
