using System.Collections;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>What is done to the files while a batch is written.</summary>
public sealed class FaultInFlightTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("renamed")]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("overwritten")]
    [InlineData("emptied")]
    [InlineData("log removed")]
    [InlineData("log emptied")]
    [InlineData("index removed")]
    public async Task A_batch_is_not_stored_when_the_files_changed_under_it_and_its_repetition_is(string fault)
    {
        var backup = await BackupAsync();
        await using var store = _folder.Store();
        await store.PersistAsync([TempFolder.Row("before")], default);

        var batch = new DisturbedBatch(TempFolder.Row("in flight"), () => Disturb(fault, backup));
        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync(batch, default).AsTask());
        await store.PersistAsync([TempFolder.Row("in flight")], default);
        await store.PersistAsync([TempFolder.Row("after")], default);

        Assert.Equal(["in flight", "after"], Stored()[^2..]);
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        await store.DisposeAsync();
        Assert.Equal(["in flight", "after"], Stored()[^2..]);
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        if (fault is "log removed" or "index removed")
        {
            Assert.Contains("before", Stored());
        }
    }

    [Fact]
    public async Task Faults_at_any_time_leave_a_whole_file_with_all_that_was_stored_since()
    {
        var backup = await BackupAsync();
        await using var store = _folder.Store();
        List<string> sinceFault = [];
        var next = 0;
        foreach (var fault in new[] { "overwritten", "renamed", "log removed", "emptied", "replaced", "removed", "overwritten" })
        {
            using var stop = new CancellationTokenSource();
            var writing = Task.Run(async () =>
            {
                List<(string Id, bool Before)> stored = [];
                while (!stop.IsCancellationRequested || stored.Count(row => !row.Before) < 3)
                {
                    var id = $"row-{next++}";
                    var before = !stop.IsCancellationRequested;
                    await Eventually.BecomesTrueAsync(async () => (await store.PersistAsync([TempFolder.Row(id)], default)).CustomEvents >= 0);
                    stored.Add((id, before));
                }

                return stored.Where(row => !row.Before).Select(row => row.Id).ToArray();
            });
            await Task.Delay(Random.Shared.Next(50, 1500));
            if (fault is "overwritten" or "emptied")
            {
                // Nothing can tell what is written in place during a checkpoint from what is written behind it.
                var batch = new DisturbedBatch(TempFolder.Row("disturbed"), () => Disturb(fault, backup));
                await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync(batch, default).AsTask());
            }
            else
            {
                Disturb(fault, backup);
            }

            await stop.CancelAsync();
            sinceFault = [.. await writing];
            Assert.Equal(sinceFault, Stored()[^sinceFault.Count..]);
            Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        }

        await store.DisposeAsync();
        Assert.Equal(sinceFault, Stored()[^sinceFault.Count..]);
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
    }

    private string[] Stored() => _folder.Query("SELECT event_id FROM custom_events ORDER BY id");

    private async Task<string> BackupAsync()
    {
        var backup = Path.Combine(_folder.Root, "backup.db");
        await using var store = TempFolder.Store(backup);
        await store.PersistAsync([.. Enumerable.Range(0, 500).Select(row => TempFolder.Row($"backup-{row}"))], default);
        return backup;
    }

    private void Disturb(string fault, string backup)
    {
        switch (fault)
        {
            case "renamed":
                File.Move(_folder.Database, _folder.Database + ".old", overwrite: true);
                break;
            case "removed":
                File.Delete(_folder.Database);
                break;
            case "replaced":
                File.Copy(backup, backup + ".copy", overwrite: true);
                File.Move(backup + ".copy", _folder.Database, overwrite: true);
                break;
            case "overwritten":
                Overwrite(_folder.Database, File.ReadAllBytes(backup));
                break;
            case "emptied":
                Overwrite(_folder.Database, []);
                break;
            case "log removed":
                File.Delete(_folder.Database + "-wal");
                break;
            case "log emptied":
                Overwrite(_folder.Database + "-wal", []);
                break;
            case "index removed":
                File.Delete(_folder.Database + "-shm");
                break;
        }
    }

    private static void Overwrite(string path, byte[] content)
    {
        using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(content);
    }

    /// <summary>Has something done when its record was taken.</summary>
    private sealed class DisturbedBatch(StoredRecord record, Action disturb) : IReadOnlyList<StoredRecord>
    {
        public int Count => 1;

        public StoredRecord this[int index] => record;

        public IEnumerator<StoredRecord> GetEnumerator()
        {
            yield return record;
            disturb();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
