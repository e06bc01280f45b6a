using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>The real disk, with faults on demand, of a process that can be killed. Safe for use by several threads.</summary>
internal sealed class FaultyDisk : IOutboxDisk
{
    private readonly OutboxDisk _disk = new();
    private readonly ConcurrentQueue<SafeFileHandle> _handles = new();

    /// <summary>Whether a member of the disk fails, by its name; null for none.</summary>
    public volatile Predicate<string>? Fails;

    /// <summary>Called with the path of each lock as soon as it is taken.</summary>
    public Action<string>? OnLocked { get; set; }

    /// <summary>Closes all files, as the end of the process does.</summary>
    public void Kill()
    {
        foreach (var handle in _handles)
        {
            handle.Dispose();
        }
    }

    public SafeFileHandle Create(string path) => Keep(Try(() => _disk.Create(path)))!;

    public SafeFileHandle OpenToRead(string path) => Keep(Try(() => _disk.OpenToRead(path)))!;

    public SafeFileHandle? TryLock(string path, FileMode mode)
    {
        var handle = Keep(Try(() => _disk.TryLock(path, mode)));
        OnLocked?.Invoke(path);
        return handle;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (Fails?.Invoke(nameof(Write)) == true)
        {
            _disk.Write(file, bytes[..(bytes.Length / 2)], offset);
            throw new IOException("No space left on device");
        }

        _disk.Write(file, bytes, offset);
    }

    public int Read(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        ThrowIfFails(nameof(Read));
        return _disk.Read(file, bytes, offset);
    }

    public void SetLength(SafeFileHandle file, long length) => Try(() => _disk.SetLength(file, length));

    public void Sync(SafeFileHandle file) => Try(() => _disk.Sync(file));

    public void CreateFolder(string path) => Try(() => _disk.CreateFolder(path));

    public void SyncFolder(string path) => Try(() => _disk.SyncFolder(path));

    public void Rename(string path, string newPath) => Try(() => _disk.Rename(path, newPath));

    public void Delete(string path) => Try(() => _disk.Delete(path));

    public void DeleteFolder(string path) => Try(() => _disk.DeleteFolder(path));

    private T Try<T>(Func<T> action, [CallerMemberName] string member = "")
    {
        ThrowIfFails(member);
        return action();
    }

    private void Try(Action action, [CallerMemberName] string member = "")
    {
        ThrowIfFails(member);
        action();
    }

    private void ThrowIfFails(string member)
    {
        if (Fails?.Invoke(member) == true)
        {
            throw new IOException("Input/output error");
        }
    }

    private SafeFileHandle? Keep(SafeFileHandle? handle)
    {
        if (handle is not null)
        {
            _handles.Enqueue(handle);
        }

        return handle;
    }
}
