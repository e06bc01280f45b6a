using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>Somebody who reads the file in one long transaction, which keeps the write-ahead log from being begun anew.</summary>
public sealed class LongReaderTests : IAsyncLifetime, IDisposable
{
    private const int LargeLog = 2 << 20;
    private const int KeptLog = 256 << 10;

    // Less than the 5 s for which SQLite waits for a lock.
    private static readonly TimeSpan _longestBatch = TimeSpan.FromSeconds(3);

    private readonly TempFolder _folder = new();
    private readonly LineLogger _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _meters = new();
    private readonly SqliteConnection _reader;
    private readonly SqliteEventStore _store;
    private long _logSize;
    private int _checkpoints;
    private int _rows;

    public LongReaderTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "simple_time.store.wal.size" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            Volatile.Write(ref _logSize, value);
            Interlocked.Increment(ref _checkpoints);
        });
        _meters.Start();
        _store = new SqliteEventStore(TempFolder.Settings(_folder.Database), new StoreMetrics(factory), _log)
        {
            LargeLogBytes = LargeLog,
            KeptLogBytes = KeptLog,
        };
        _reader = TempFolder.Connect(_folder.Database);
    }

    private string LogPath => _folder.Database + "-wal";

    public async Task InitializeAsync()
    {
        await WriteAsync(1);
        Read("BEGIN");
        Read("SELECT count(*) FROM custom_events");
    }

    public async Task DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _store.DisposeAsync();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_log_grows_which_is_told_once_and_is_small_again_when_the_reader_is_gone()
    {
        await GrowAsync();

        Assert.Equal(1, _log.Count(312));
        Assert.True(Volatile.Read(ref _logSize) > LargeLog);
        Assert.Equal([$"{_rows}"], _folder.Query("SELECT count(*) FROM custom_events"));

        Read("COMMIT");
        await ShrinkAsync();

        Assert.Equal([301, 312, 311], _log.Lines.Select(line => int.Parse(line[..3], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal([$"{_rows}"], _folder.Query("SELECT count(*) FROM custom_events"));
        await _store.DisposeAsync();
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task What_the_reader_kept_out_of_the_file_goes_there_when_it_is_gone_though_no_batch_comes()
    {
        await WriteAsync(3);
        var checkpoints = Volatile.Read(ref _checkpoints);
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref _checkpoints) > checkpoints);

        Read("COMMIT");

        var copy = Path.Combine(_folder.Root, "file-alone.db");
        await Eventually.EqualsAsync($"{_rows}", () =>
        {
            File.WriteAllBytes(copy, File.ReadAllBytes(_folder.Database));
            var count = TempFolder.Query(copy, "SELECT count(*) FROM custom_events").Single();
            File.Delete(copy + "-wal");
            return count;
        });
    }

    [Fact]
    public async Task A_log_that_somebody_else_cuts_is_found_out_after_SQLite_has_cut_it_too()
    {
        await GrowAsync();
        await _reader.DisposeAsync();
        await ShrinkAsync();
        await WriteAsync(5);
        Assert.Equal(0, _log.Count(306));

        // Within the frames of the last transactions.
        using (var log = new FileStream(LogPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            log.SetLength(32 + 24 + 4096);
        }

        await Eventually.BecomesTrueAsync(async () => (await _store.PersistAsync([TempFolder.Row("after")], default)).CustomEvents >= 0);

        Assert.Equal(1, _log.Count(306));
        Assert.Equal(["after"], _folder.Query("SELECT event_id FROM custom_events WHERE event_id = 'after'"));
    }

    private async Task GrowAsync()
    {
        var data = $"\"{new string('x', 60_000)}\"";
        for (var i = 0; i < 50; i++)
        {
            await WriteAsync(1, data);
        }

        await Eventually.BecomesTrueAsync(async () =>
        {
            await WriteAsync(1);
            return _log.Count(312) > 0;
        });
    }

    private Task ShrinkAsync() => Eventually.BecomesTrueAsync(async () =>
    {
        await WriteAsync(1);
        return _log.Count(311) > 0 && new FileInfo(LogPath).Length <= KeptLog;
    });

    private async Task WriteAsync(int batches, string data = "{}")
    {
        for (var i = 0; i < batches; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await _store.PersistAsync([TempFolder.Row($"row-{_rows++}", data)], default);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, _longestBatch);
        }
    }

    private void Read(string statement)
    {
        using var command = _reader.CreateCommand();
        command.CommandText = statement;
        command.ExecuteScalar();
    }
}
