using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>A store whose files are disturbed; it stores batches as the worker does.</summary>
public abstract class DisturbedStore : IDisposable
{
    private int _next;

    private protected TempFolder Folder { get; } = new();

    private protected LineLogger Log { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static void Copy(string from, string to) => File.WriteAllBytes(to, File.ReadAllBytes(from));

    private protected SqliteEventStore Open() => TempFolder.Store(Folder.Database, Log);

    protected int[] Ids() => [.. Log.Lines.Select(line => int.Parse(line[..3], System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Files as a service leaves them that is killed: its log holds all its rows.</summary>
    protected async Task<string[]> LeaveLogBehindAsync()
    {
        var copy = Path.Combine(Folder.Root, "copy.db");
        string[] rows;
        await using (var store = Open())
        {
            rows = await StoreAsync(store, 3);
            Copy(Folder.Database, copy);
            Copy(Folder.Database + "-wal", copy + "-wal");
        }

        File.Move(copy, Folder.Database, overwrite: true);
        File.Move(copy + "-wal", Folder.Database + "-wal", overwrite: true);
        Assert.Equal(1, Log.Count(301));
        Log.Clear();
        return rows;
    }

    // As cp does: the file stays the same, its content does not.
    protected void CopyOver(string path) => Overwrite(File.ReadAllBytes(path));

    protected void Overwrite(byte[] content)
    {
        using var file = new FileStream(Folder.Database, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(content);
    }

    /// <summary>Stores batches as the worker does: one that fails is repeated until it is stored.</summary>
    private protected async Task<string[]> StoreAsync(SqliteEventStore store, int batches)
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

    /// <summary>Waits until a checkpoint took all rows from the log into the file itself.</summary>
    protected Task AreInFileAsync()
    {
        var rows = Stored();
        var copy = Path.Combine(Folder.Root, "file-alone.db");
        return Eventually.EqualsAsync(string.Join(' ', rows), () =>
        {
            File.Delete(copy + "-wal");
            File.Delete(copy + "-shm");
            Copy(Folder.Database, copy);
            return string.Join(' ', TempFolder.Query(copy, "SELECT event_id FROM custom_events ORDER BY id"));
        });
    }

    protected string[] Stored() => Folder.Query("SELECT event_id FROM custom_events ORDER BY id");

    private protected async Task IsWholeAsync(SqliteEventStore store)
    {
        Assert.Equal(["ok"], Folder.Query("PRAGMA integrity_check"));
        await store.DisposeAsync();
        Assert.Equal(["ok"], Folder.Query("PRAGMA integrity_check"));
        Assert.False(File.Exists(Folder.Database + "-wal"));
    }
}
