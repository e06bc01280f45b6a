using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>The exclusive ownership of a folder by a lock on a file in it, which ends with the process however that ends.</summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "lock";

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private FolderLock(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>Gets whether the folder still has the file that is locked.</summary>
    public bool IsInPlace => FileIdentity.IsAt(_file, _path);

    /// <summary>Takes the lock, without waiting.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="disk">The disk.</param>
    /// <returns>Null when another has it, in this process or another.</returns>
    public static FolderLock? TryTake(string folder, IOutboxDisk disk)
    {
        var path = Path.Combine(folder, FileName);
        if (disk.TryLock(path, FileMode.OpenOrCreate) is not { } file)
        {
            return null;
        }

        // The owner before may have deleted the file between its opening and its locking: that lock excludes nobody.
        var taken = new FolderLock(file, path);
        if (taken.IsInPlace)
        {
            return taken;
        }

        taken.Dispose();
        return null;
    }

    /// <summary>Gives the lock up.</summary>
    public void Dispose() => _file.Dispose();
}
