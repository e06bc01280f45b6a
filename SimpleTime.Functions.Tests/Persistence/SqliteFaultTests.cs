using System.Diagnostics;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_parent_that_is_a_file_is_named_until_it_is_a_folder()
    {
        var parent = Path.Combine(_folder.Root, "data");
        var path = Path.Combine(parent, "events.db");
        await File.WriteAllTextAsync(parent, "");
        await using var store = TempFolder.Store(path);

        Assert.Equal(
            $"DB_PATH {path}: {parent} is not a folder. Point DB_PATH at a file in a folder that this process may write to.",
            (await Fails(store)).Message);

        File.Delete(parent);
        Directory.CreateDirectory(parent);
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal(["a"], TempFolder.Query(path, "SELECT event_id FROM custom_events"));
    }

    [Fact]
    public async Task A_path_that_is_a_folder_is_named()
    {
        await using var store = TempFolder.Store(_folder.Root);

        Assert.StartsWith($"DB_PATH {_folder.Root}: it is a folder, not a file.", (await Fails(store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_no_file_can_have_is_named()
    {
        await using var store = TempFolder.Store("/tmp/a\0b");

        Assert.StartsWith("DB_PATH /tmp/a b: a path cannot hold a NUL character.", (await Fails(store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_kept()
    {
        var text = string.Concat(Enumerable.Repeat("Not a database. ", 100));
        await File.WriteAllTextAsync(_folder.Database, text);
        await using var store = _folder.Store();

        Assert.Contains("it is not a SQLite database", (await Fails(store)).Message, StringComparison.Ordinal);

        Assert.Equal(text, await File.ReadAllTextAsync(_folder.Database));
        File.Delete(_folder.Database);
        await store.PersistAsync([TempFolder.Row("a")], default);
    }

    [Fact]
    public async Task A_message_stays_within_what_a_status_shows()
    {
        await using var store = TempFolder.Store("/proc/" + string.Concat(Enumerable.Repeat("long/", 1000)) + "events.db");

        var message = (await Fails(store)).Message;

        Assert.True(message.Length <= 512);
        Assert.StartsWith("DB_PATH /proc/long/", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_database_is_waited_for()
    {
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);
        using var other = TempFolder.Connect(_folder.Database);
        var lockHeld = other.BeginTransaction(deferred: false);

        var persist = Task.Run(() => store.PersistAsync([TempFolder.Row("b")], default).AsTask());
        await Task.Delay(300);
        Assert.False(persist.IsCompleted);
        lockHeld.Commit();

        Assert.Equal(1, (await persist).CustomEvents);
    }

    [Fact]
    public async Task A_database_locked_for_longer_fails_the_batch_and_not_the_next()
    {
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);
        using (var other = TempFolder.Connect(_folder.Database))
        {
            using var lockHeld = other.BeginTransaction(deferred: false);
            var started = Stopwatch.GetTimestamp();

            Assert.Contains("another process has had it locked for 5 s", (await Fails(store)).Message, StringComparison.Ordinal);

            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 4.5, 8);
        }

        await store.PersistAsync([TempFolder.Row("c")], default);
        Assert.Equal(["a", "c"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
    }

    [Fact]
    public async Task A_violation_that_is_no_duplicate_rolls_the_whole_batch_back()
    {
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);
        TempFolder.Execute(
            _folder.Database,
            "CREATE TRIGGER refuse BEFORE INSERT ON errors BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END");
        StoredRecord[] batch = [TempFolder.Row("b"), new ErrorRow("c", "2026-03-01T12:00:00.000000Z", null, null, null), TempFolder.Row("d")];

        var failure = await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync(batch, default).AsTask());

        Assert.Contains("refused by a trigger", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], _folder.Query("SELECT event_id FROM custom_events"));
        TempFolder.Execute(_folder.Database, "DROP TRIGGER refuse");
        Assert.Equal(new PersistSummary { CustomEvents = 2, Errors = 1 }, await store.PersistAsync(batch, default));
    }

    [Fact]
    public async Task After_the_file_is_renamed_events_go_to_a_new_one_and_the_old_one_is_whole()
    {
        var renamed = Path.Combine(_folder.Root, "old.db");
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);

        File.Move(_folder.Database, renamed);
        await store.PersistAsync([TempFolder.Row("b")], default);

        Assert.Equal(["a"], TempFolder.Query(renamed, "SELECT event_id FROM custom_events"));
        Assert.Equal(["b"], _folder.Query("SELECT event_id FROM custom_events"));
    }

    [Fact]
    public async Task After_the_file_is_replaced_events_go_to_the_one_in_its_place()
    {
        var restored = Path.Combine(_folder.Root, "backup.db");
        await using (var backup = TempFolder.Store(restored))
        {
            await backup.PersistAsync([TempFolder.Row("restored")], default);
        }

        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);

        File.Move(restored, _folder.Database, overwrite: true);
        await store.PersistAsync([TempFolder.Row("b")], default);

        Assert.Equal(["restored", "b"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task After_the_files_are_removed_events_go_to_a_new_one()
    {
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("a")], default);

        foreach (var file in Directory.GetFiles(_folder.Root))
        {
            File.Delete(file);
        }

        await store.PersistAsync([TempFolder.Row("b")], default);

        Assert.Equal(["b"], _folder.Query("SELECT event_id FROM custom_events"));
    }

    private static async Task<EventStoreException> Fails(SqliteEventStore store) =>
        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("failed")], default).AsTask());
}
