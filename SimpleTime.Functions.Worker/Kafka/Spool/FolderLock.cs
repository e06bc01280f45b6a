using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// The exclusive ownership of a folder by a lock on a file, which ends with the process however that ends (flock(2); on a
/// file system without locks there is no such protection).
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private FolderLock(SafeFileHandle file)
    {
        _file = file;
    }

    /// <summary>Takes the lock, without waiting.</summary>
    /// <param name="path">The file, which is created and never deleted: a lock on a deleted file excludes nobody.</param>
    /// <returns>Null when another has it, in this process or another.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be created or written.</exception>
    public static FolderLock? TryTake(string path)
    {
        try
        {
            return new FolderLock(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            return null;
        }
    }

    /// <summary>Gives the lock up.</summary>
    public void Dispose() => _file.Dispose();

    // EWOULDBLOCK of Linux and of macOS, and ERROR_SHARING_VIOLATION.
    private static bool IsHeldElsewhere(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
