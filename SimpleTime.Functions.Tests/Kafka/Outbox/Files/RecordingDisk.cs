using Microsoft.Win32.SafeHandles;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>The real disk, with a record of every change from which what a loss of power leaves can be rebuilt. For one thread.</summary>
/// <param name="syncsFiles">Whether the syncs of files are recorded.</param>
/// <param name="syncsFolders">Whether the syncs of folders are recorded.</param>
internal sealed class RecordingDisk(bool syncsFiles = true, bool syncsFolders = true) : IOutboxDisk
{
    private readonly OutboxDisk _disk = new();
    private readonly Dictionary<SafeFileHandle, int> _ids = [];

    /// <summary>Gets the changes.</summary>
    public List<DiskChange> Changes { get; } = [];

    /// <summary>Records what the test itself wants to find again in the record.</summary>
    public void Mark(DiskChange.Mark mark) => Changes.Add(mark);

    /// <summary>Closes all files, as the end of the process does.</summary>
    public void Kill()
    {
        foreach (var handle in _ids.Keys)
        {
            handle.Dispose();
        }
    }

    public SafeFileHandle Create(string path)
    {
        var file = _disk.Create(path);
        _ids[file] = _ids.Count;
        Changes.Add(new DiskChange.Create(path, _ids[file]));
        return file;
    }

    public SafeFileHandle OpenToRead(string path) => _disk.OpenToRead(path);

    public SafeFileHandle? TryLock(string path, FileMode mode)
    {
        var isNew = !File.Exists(path);
        var file = _disk.TryLock(path, mode);
        if (file is not null && isNew)
        {
            _ids[file] = _ids.Count;
            Changes.Add(new DiskChange.Create(path, _ids[file]));
        }

        return file;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        _disk.Write(file, bytes, offset);
        Changes.Add(new DiskChange.Write(_ids[file], bytes.ToArray(), (int)offset));
    }

    public int Read(SafeFileHandle file, Span<byte> bytes, long offset) => _disk.Read(file, bytes, offset);

    public void SetLength(SafeFileHandle file, long length)
    {
        _disk.SetLength(file, length);
        Changes.Add(new DiskChange.SetLength(_ids[file], (int)length));
    }

    public void Sync(SafeFileHandle file)
    {
        if (syncsFiles)
        {
            Changes.Add(new DiskChange.Sync(_ids[file]));
        }
    }

    public void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            _disk.CreateFolder(path);
            Changes.Add(new DiskChange.CreateFolder(path));
        }
    }

    public void SyncFolder(string path)
    {
        if (syncsFolders)
        {
            Changes.Add(new DiskChange.SyncFolder(path));
        }
    }

    /// <summary>Renames a file or a folder.</summary>
    public void Rename(string path, string newPath)
    {
        Directory.Move(path, newPath);
        Changes.Add(new DiskChange.Rename(path, newPath));
    }

    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            _disk.Delete(path);
            Changes.Add(new DiskChange.Delete(path));
        }
    }

    public void DeleteFolder(string path)
    {
        _disk.DeleteFolder(path);
        Changes.Add(new DiskChange.Delete(path));
    }
}
