using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>What others do to the write-ahead log, and what it may not be taken for.</summary>
public sealed class DisturbedLogTests : DisturbedStore
{
    [Fact]
    public async Task A_log_that_was_deleted_takes_no_row_with_it()
    {
        await using var store = Open();
        var old = await StoreAsync(store, 2);

        File.Delete(Folder.Database + "-wal");
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

        File.Delete(Folder.Database + "-shm");
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

        File.WriteAllBytes(Folder.Database + "-wal", []);
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

        File.SetLastWriteTimeUtc(Folder.Database, DateTime.UtcNow.AddDays(-1));
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
            TempFolder.Execute(Folder.Database, statement);
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
        TempFolder.Execute(Folder.Database, "PRAGMA wal_checkpoint(TRUNCATE)");
        rows = [.. rows, .. await StoreAsync(store, 2)];

        Assert.Equal(rows, Stored());
        await IsWholeAsync(store);
        Assert.Equal(rows, Stored());
    }

    [Fact]
    public async Task A_log_left_by_a_killed_service_is_not_taken_into_a_file_that_replaced_its_own()
    {
        var other = Path.Combine(Folder.Root, "other.db");
        await using (var another = TempFolder.Store(other))
        {
            await another.PersistAsync([TempFolder.Row("other")], default);
        }

        await LeaveLogBehindAsync();
        CopyOver(other);
        await using var store = Open();
        var later = await StoreAsync(store, 2);

        Assert.Equal(["other", .. later], Stored());
        Assert.Equal(1, Log.Count(307));
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
}
