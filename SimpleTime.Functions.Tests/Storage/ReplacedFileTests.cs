using SimpleTime.Functions.Storage;
using SimpleTime.Functions.Storage.Sqlite;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Storage;

/// <summary>What is done to the files under an open store: each batch that it reports as stored is in the file that is there at the end.</summary>
public sealed class ReplacedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LineLogger _log = new();
    private int _next;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backup_copied_over_the_file_is_gone_on_with(bool isCheckpointed)
    {
        var backup = Path.Combine(_folder.Root, "backup.db");
        await using var store = Open();
        var old = await StoreAsync(store, 3);
        TempFolder.Execute(_folder.Database, $"VACUUM INTO '{backup}'");
        var gone = await StoreAsync(store, 3);
        if (isCheckpointed)
        {
            await Task.Delay(1500);
            gone = [.. gone, .. await StoreAsync(store, 1)];
        }

        CopyOver(backup);
        var later = await StoreAsync(store, 3);

        Assert.Equal([.. old, .. later], Stored());
        Assert.DoesNotContain(gone[0], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. old, .. later], Stored());
        Assert.Equal(1, _log.Count(305));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_earlier_copy_of_the_very_file_is_gone_on_with(bool waits)
    {
        var backup = Path.Combine(_folder.Root, "backup.db");
        await using var store = Open();
        var old = await StoreAsync(store, 2);
        await Task.Delay(2500);
        File.Copy(_folder.Database, backup);
        await StoreAsync(store, 1);
        if (waits)
        {
            // Until the log is all in the file, but still there.
            await Task.Delay(2500);
        }
        else
        {
            // The copy has the state that the log continues: with the next batch it would take it up again.
            TempFolder.Execute(_folder.Database, "PRAGMA wal_checkpoint");
        }

        CopyOver(backup);
        var later = await StoreAsync(store, 3);

        Assert.Equal([.. old, .. later], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. old, .. later], Stored());
    }

    [Fact]
    public async Task Another_database_of_the_service_copied_over_the_file_is_gone_on_with()
    {
        var other = Path.Combine(_folder.Root, "other.db");
        await using (var another = TempFolder.Store(other))
        {
            await another.PersistAsync([TempFolder.Row("other")], default);
        }

        await using var store = Open();
        await StoreAsync(store, 1);

        CopyOver(other);
        var later = await StoreAsync(store, 3);

        Assert.Equal(["other", .. later], Stored());
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_database_of_somebody_else_copied_over_the_file_gets_the_tables()
    {
        var other = Path.Combine(_folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO other SELECT randomblob(100) FROM n");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        var later = await StoreAsync(store, 3);

        Assert.Equal(later, Stored());
        Assert.Equal(["5000"], _folder.Query("SELECT count(*) FROM other"));
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_file_that_was_emptied_is_begun_anew()
    {
        await using var store = Open();
        await StoreAsync(store, 2);

        using (var file = new FileStream(_folder.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        var later = await StoreAsync(store, 3);

        Assert.Equal(later, Stored());
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task Garbage_written_over_the_file_is_named_until_a_database_is_there()
    {
        await using var store = Open();
        await StoreAsync(store, 2);
        var garbage = string.Concat(Enumerable.Repeat("Not a database. ", 5000));

        Overwrite(System.Text.Encoding.ASCII.GetBytes(garbage));
        var failure = await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("x")], default).AsTask());

        Assert.Contains("it is not a SQLite database", failure.Message, StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllTextAsync(_folder.Database));
        File.Delete(_folder.Database);
        var later = await StoreAsync(store, 2);
        Assert.Equal(later, Stored());
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_file_cut_to_its_first_page_takes_no_batch_in_silence()
    {
        await using var store = Open();
        await StoreAsync(store, 2);
        using (var file = new FileStream(_folder.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(4096);
        }

        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("x")], default).AsTask());
    }

    [Fact]
    public async Task A_log_that_was_deleted_takes_no_row_with_it()
    {
        await using var store = Open();
        var old = await StoreAsync(store, 2);

        File.Delete(_folder.Database + "-wal");
        var later = await StoreAsync(store, 2);

        Assert.Equal([.. old, .. later], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. old, .. later], Stored());
    }

    [Fact]
    public async Task An_index_of_the_log_that_was_deleted_takes_no_row_with_it()
    {
        await using var store = Open();
        var old = await StoreAsync(store, 2);

        File.Delete(_folder.Database + "-shm");
        var later = await StoreAsync(store, 2);

        Assert.Equal([.. old, .. later], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. old, .. later], Stored());
    }

    [Fact]
    public async Task A_log_that_was_emptied_takes_no_later_row_with_it()
    {
        await using var store = Open();
        await StoreAsync(store, 2);

        File.WriteAllBytes(_folder.Database + "-wal", []);
        var later = await StoreAsync(store, 2);

        Assert.Equal(later, Stored()[^2..]);
        await IsWholeAsync(store);
        Assert.Equal(later, Stored()[^2..]);
    }

    [Fact]
    public async Task A_file_that_was_only_touched_is_left_open_with_its_log()
    {
        await using var store = Open();
        var old = await StoreAsync(store, 2);

        File.SetLastWriteTimeUtc(_folder.Database, DateTime.UtcNow.AddDays(-1));
        var later = await StoreAsync(store, 2);

        Assert.Equal([.. old, .. later], Stored());
        Assert.Equal([301], Ids());
    }

    [Fact]
    public async Task A_checkpoint_of_another_process_changes_nothing()
    {
        await using var store = Open();
        List<string> rows = [];
        foreach (var statement in new[]
        {
            "PRAGMA wal_checkpoint", "DELETE FROM errors", "PRAGMA wal_checkpoint", "PRAGMA wal_checkpoint(RESTART)", "VACUUM", "PRAGMA wal_checkpoint",
        })
        {
            rows.AddRange(await StoreAsync(store, 2));
            TempFolder.Execute(_folder.Database, statement);
            rows.AddRange(await StoreAsync(store, 1));
        }

        Assert.Equal(rows, Stored());
        Assert.Equal([301], Ids());
        await IsWholeAsync(store);
        Assert.Equal(rows, Stored());
    }

    [Fact]
    public async Task A_log_that_another_process_emptied_costs_no_row()
    {
        await using var store = Open();
        var rows = await StoreAsync(store, 2);
        TempFolder.Execute(_folder.Database, "PRAGMA wal_checkpoint(TRUNCATE)");
        rows = [.. rows, .. await StoreAsync(store, 2)];

        Assert.Equal(rows, Stored());
        await IsWholeAsync(store);
        Assert.Equal(rows, Stored());
    }

    [Fact]
    public async Task A_file_replaced_while_there_are_no_batches_is_not_damaged_by_the_old_log()
    {
        var other = Path.Combine(_folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        await Eventually.BecomesTrueAsync(() => !File.Exists(_folder.Database + "-wal"));

        Assert.Equal(["1"], _folder.Query("SELECT x FROM other"));
        await store.DisposeAsync();
        Assert.Equal(await File.ReadAllBytesAsync(other), await File.ReadAllBytesAsync(_folder.Database));
    }

    [Fact]
    public async Task A_file_replaced_just_before_the_end_is_not_written_to()
    {
        var other = Path.Combine(_folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        await store.DisposeAsync();

        Assert.Equal(await File.ReadAllBytesAsync(other), await File.ReadAllBytesAsync(_folder.Database));
        Assert.Equal(["1"], _folder.Query("SELECT x FROM other"));
    }

    [Fact]
    public async Task A_log_left_by_a_killed_service_is_not_taken_into_a_file_that_replaced_its_own()
    {
        var other = Path.Combine(_folder.Root, "other.db");
        await using (var another = TempFolder.Store(other))
        {
            await another.PersistAsync([TempFolder.Row("other")], default);
        }

        await LeaveLogBehindAsync();
        CopyOver(other);
        await using var store = Open();
        var later = await StoreAsync(store, 2);

        Assert.Equal(["other", .. later], Stored());
        Assert.Equal(1, _log.Count(307));
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_log_left_by_a_killed_service_is_taken_into_its_own_file()
    {
        var left = await LeaveLogBehindAsync();
        await using var store = Open();
        var later = await StoreAsync(store, 2);

        Assert.Equal([.. left, .. later], Stored());
        Assert.Equal([], Ids());
        await IsWholeAsync(store);
    }

    private static void Copy(string from, string to) => File.WriteAllBytes(to, File.ReadAllBytes(from));

    private SqliteEventStore Open() => TempFolder.Store(_folder.Database, _log);

    private int[] Ids() => [.. _log.Lines.Select(line => int.Parse(line[..3], System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Files as a service leaves them that is killed: its log holds all its rows.</summary>
    private async Task<string[]> LeaveLogBehindAsync()
    {
        var copy = Path.Combine(_folder.Root, "copy.db");
        string[] rows;
        await using (var store = Open())
        {
            rows = await StoreAsync(store, 3);
            Copy(_folder.Database, copy);
            Copy(_folder.Database + "-wal", copy + "-wal");
        }

        File.Move(copy, _folder.Database, overwrite: true);
        File.Move(copy + "-wal", _folder.Database + "-wal", overwrite: true);
        Assert.Equal(1, _log.Count(301));
        _log.Clear();
        return rows;
    }

    // As cp does: the file stays the same, its content does not.
    private void CopyOver(string path) => Overwrite(File.ReadAllBytes(path));

    private void Overwrite(byte[] content)
    {
        using var file = new FileStream(_folder.Database, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(content);
    }

    /// <summary>Stores batches as the worker does: one that fails is repeated until it is stored.</summary>
    private async Task<string[]> StoreAsync(SqliteEventStore store, int batches)
    {
        List<string> ids = [];
        for (var i = 0; i < batches; i++)
        {
            var id = $"row-{_next++:0000}";
            await Eventually.BecomesTrueAsync(async () => (await store.PersistAsync([TempFolder.Row(id)], default)).CustomEvents >= 0);
            ids.Add(id);
        }

        return [.. ids];
    }

    private string[] Stored() => _folder.Query("SELECT event_id FROM custom_events ORDER BY id");

    private async Task IsWholeAsync(SqliteEventStore store)
    {
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        await store.DisposeAsync();
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        Assert.False(File.Exists(_folder.Database + "-wal"));
    }
}
