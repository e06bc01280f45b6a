using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class FileSystemFaultTests : IDisposable
{
    private const string ReadOnly = "it cannot be written. Check its permissions, and that its volume is not read-only.";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_read_only_file_is_named_until_it_can_be_written()
    {
        await using (var earlier = _folder.Store())
        {
            await earlier.PersistAsync([TempFolder.Row("a")], default);
        }

        File.SetUnixFileMode(_folder.Database, UnixFileMode.UserRead);
        await using var store = _folder.Store();

        Assert.Contains(ReadOnly, (await Fails(store)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(_folder.Database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await store.PersistAsync([TempFolder.Row("b")], default);
        Assert.Equal(["a", "b"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
    }

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_read_only_folder_is_named_until_it_can_be_written()
    {
        var parent = Path.Combine(_folder.Root, "data");
        var path = Path.Combine(parent, "events.db");
        Directory.CreateDirectory(parent);
        File.SetUnixFileMode(parent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var store = TempFolder.Store(path);

        Assert.Contains("it cannot be opened.", (await Fails(store)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal(["a"], TempFolder.Query(path, "SELECT event_id FROM custom_events"));
    }

    [Fact]
    public async Task A_damaged_file_is_named_until_a_whole_one_is_there()
    {
        await using (var earlier = _folder.Store())
        {
            await earlier.PersistAsync([.. Enumerable.Range(0, 1000).Select(row => TempFolder.Row($"row-{row}"))], default);
        }

        using (var file = new FileStream(_folder.Database, FileMode.Open, FileAccess.Write))
        {
            // All but the header: the pages of tables and indexes.
            file.Position = 100;
            file.Write(new byte[file.Length - 100]);
        }

        await using var store = _folder.Store();
        Assert.Contains("it is damaged. Move it away or restore it from a backup.", (await Fails(store)).Message, StringComparison.Ordinal);

        File.Move(_folder.Database, _folder.Database + ".damaged");
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal(["a"], _folder.Query("SELECT event_id FROM custom_events"));
    }

    private static async Task<EventStoreException> Fails(SqliteEventStore store) =>
        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("failed")], default).AsTask());
}
