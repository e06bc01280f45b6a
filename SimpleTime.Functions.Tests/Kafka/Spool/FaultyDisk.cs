using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>The real disk, with faults on demand and an account of the writes and syncs. Safe for use by several threads.</summary>
internal sealed class FaultyDisk : ISpoolDisk
{
    private readonly SpoolDisk _disk = new();

    /// <summary>How many bytes of each write get through before the disk is full; null when it is not.</summary>
    public volatile object? FullAfterBytes;

    /// <summary>Whether syncing fails.</summary>
    public volatile bool FailsSync;

    /// <summary>Holds each write up while it is reset.</summary>
    public ManualResetEventSlim Gate { get; } = new(true);

    /// <summary>When which file was written.</summary>
    public ConcurrentQueue<(string Name, long Timestamp)> Writes { get; } = new();

    /// <summary>When a sync that succeeded was begun.</summary>
    public ConcurrentQueue<long> Syncs { get; } = new();

    private ConcurrentDictionary<SafeFileHandle, string> Names { get; } = new();

    public SafeFileHandle Create(string path)
    {
        var file = _disk.Create(path);
        Names[file] = Path.GetFileName(path);
        return file;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        Gate.Wait();
        if (FullAfterBytes is int room)
        {
            _disk.Write(file, bytes[..Math.Min(room, bytes.Length)], offset);
            throw new IOException("No space left on device");
        }

        _disk.Write(file, bytes, offset);
        Writes.Enqueue((Names[file], Stopwatch.GetTimestamp()));
    }

    public void Sync(SafeFileHandle file)
    {
        if (FailsSync)
        {
            throw new IOException("Input/output error");
        }

        var begun = Stopwatch.GetTimestamp();
        _disk.Sync(file);
        if (Names[file] != "probe")
        {
            Syncs.Enqueue(begun);
        }
    }

    public void SyncFolder(string path) => _disk.SyncFolder(path);

    public void Delete(string path) => _disk.Delete(path);
}
