using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>What is done to the file under an open store: each batch that it reports as stored is in the file that is there at the end.</summary>
public sealed class ReplacedFileTests : DisturbedStore
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backup_copied_over_the_file_is_gone_on_with(bool isCheckpointed)
    {
        var backup = Path.Combine(Folder.Root, "backup.db");
        await using var store = Open();
        var old = await StoreAsync(store, 3);
        TempFolder.Execute(Folder.Database, $"VACUUM INTO '{backup}'");
        var gone = await StoreAsync(store, 3);
        if (isCheckpointed)
        {
            await AreInFileAsync();
            gone = [.. gone, .. await StoreAsync(store, 1)];
        }

        CopyOver(backup);
        var later = await StoreAsync(store, 3);

        Assert.Equal([.. old, .. later], Stored());
        Assert.DoesNotContain(gone[0], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. old, .. later], Stored());
        Assert.Equal(1, Log.Count(305));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_vacuumed_copy_of_the_very_state_is_gone_on_with(bool isCheckpointed)
    {
        // Its pages lie elsewhere than in the file, so neither the log nor what is in memory fits it.
        var backup = Path.Combine(Folder.Root, "backup.db");
        await using var store = Open();
        await store.PersistAsync([.. Enumerable.Range(0, 2000).Select(row => TempFolder.Row($"deleted-{row}"))], default);
        await store.PersistAsync([.. Enumerable.Range(0, 2000).Select(row => TempFolder.Row($"kept-{row}"))], default);
        TempFolder.Execute(Folder.Database, "DELETE FROM custom_events WHERE event_id LIKE 'deleted-%'");
        var kept = Stored();
        string[] gone = [];
        if (isCheckpointed)
        {
            await AreInFileAsync();
            TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint(TRUNCATE)");
            TempFolder.Execute(Folder.Database, $"VACUUM INTO '{backup}'");
            gone = await StoreAsync(store, 1);
        }
        else
        {
            TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint(TRUNCATE)");
            await StoreAsync(store, 1);
            TempFolder.Execute(Folder.Database, $"VACUUM INTO '{backup}'");
            kept = Stored();
        }

        Log.Clear();
        CopyOver(backup);
        var later = await StoreAsync(store, 3);

        Assert.Equal([.. kept, .. later], Stored());
        await IsWholeAsync(store);
        Assert.Equal([.. kept, .. later], Stored());
        Assert.DoesNotContain(gone, row => Stored().Contains(row));
        Assert.Equal(1, Log.Count(305));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_earlier_copy_of_the_very_file_is_gone_on_with(bool waits)
    {
        var backup = Path.Combine(Folder.Root, "backup.db");
        await using var store = Open();
        var old = await StoreAsync(store, 2);
        await AreInFileAsync();
        File.Copy(Folder.Database, backup);
        await StoreAsync(store, 1);
        if (waits)
        {
            // The log is all in the file then, but still there.
            await AreInFileAsync();
        }
        else
        {
            // The copy has the state that the log continues: with the next batch it would take it up again.
            TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint");
        }

        await IsGoneOnWithAsync(store, backup, old);
    }

    [Fact]
    public async Task A_copy_of_a_state_within_the_log_is_gone_on_with()
    {
        var backup = Path.Combine(Folder.Root, "backup.db");
        await using var store = Open();
        var old = await StoreAsync(store, 1);
        using (var reader = TempFolder.Connect(Folder.Database))
        {
            // Keeps the log from being begun anew when the first batch is in the file.
            using var view = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM custom_events";
            command.ExecuteScalar();
            TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint");
            await StoreAsync(store, 1);
        }

        File.Copy(Folder.Database, backup);
        TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint");

        await IsGoneOnWithAsync(store, backup, old);
    }

    [Fact]
    public async Task Another_database_of_the_service_copied_over_the_file_is_gone_on_with()
    {
        var other = Path.Combine(Folder.Root, "other.db");
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
        var other = Path.Combine(Folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO other SELECT randomblob(100) FROM n");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        var later = await StoreAsync(store, 3);

        Assert.Equal(later, Stored());
        Assert.Equal(["5000"], Folder.Query("SELECT count(*) FROM other"));
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_file_that_was_emptied_is_begun_anew()
    {
        await using var store = Open();
        await StoreAsync(store, 2);

        using (var file = new FileStream(Folder.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
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
        Assert.Equal(garbage, await File.ReadAllTextAsync(Folder.Database));
        File.Delete(Folder.Database);
        var later = await StoreAsync(store, 2);
        Assert.Equal(later, Stored());
        await IsWholeAsync(store);
    }

    [Fact]
    public async Task A_file_cut_to_its_first_page_takes_no_batch_in_silence()
    {
        await using var store = Open();
        await StoreAsync(store, 2);
        using (var file = new FileStream(Folder.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(4096);
        }

        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("x")], default).AsTask());
    }

    [Fact]
    public async Task A_file_replaced_while_there_are_no_batches_is_not_damaged_by_the_old_log()
    {
        var other = Path.Combine(Folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        await Eventually.BecomesTrueAsync(() => !File.Exists(Folder.Database + "-wal"));

        Assert.Equal(["1"], Folder.Query("SELECT x FROM other"));
        await store.DisposeAsync();
        Assert.Equal(await File.ReadAllBytesAsync(other), await File.ReadAllBytesAsync(Folder.Database));
    }

    [Fact]
    public async Task A_file_replaced_just_before_the_end_is_not_written_to()
    {
        var other = Path.Combine(Folder.Root, "other.db");
        TempFolder.Execute(other, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
        await using var store = Open();
        await StoreAsync(store, 2);

        CopyOver(other);
        await store.DisposeAsync();

        Assert.Equal(await File.ReadAllBytesAsync(other), await File.ReadAllBytesAsync(Folder.Database));
        Assert.Equal(["1"], Folder.Query("SELECT x FROM other"));
    }

    private async Task IsGoneOnWithAsync(SqliteEventStore store, string copy, string[] inCopy)
    {
        CopyOver(copy);
        var later = await StoreAsync(store, 3);

        // What lies between is in the log still, or in no file: it depends on whether the store had noticed the checkpoint.
        var stored = Stored();
        Assert.Equal(inCopy, stored[..inCopy.Length]);
        Assert.Equal(later, stored[^3..]);
        await IsWholeAsync(store);
        Assert.Equal(stored, Stored());
    }
}
