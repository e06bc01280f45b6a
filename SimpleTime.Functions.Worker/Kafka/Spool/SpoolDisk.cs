using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>The real disk. Safe for use by several threads.</summary>
internal sealed partial class SpoolDisk : ISpoolDisk
{
    // O_RDONLY | O_CLOEXEC of Linux's fcntl.h; both are the same on x64 and Arm.
    private const int OpenFlags = 0x80000;

    /// <summary>Whether an exception is of the disk, the folder or its path, and not a mistake of the program.</summary>
    public static bool IsDiskError(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException;

    /// <summary>Opens a segment for reading, also while it is written to.</summary>
    public static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    /// <inheritdoc/>
    public void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <inheritdoc/>
    public void SyncFolder(string path)
    {
        // .NET opens no folders. A file system that cannot sync one has nothing to lose by it.
        if (OperatingSystem.IsLinux() && Open(path, OpenFlags) is >= 0 and var folder)
        {
            _ = Fsync(folder);
            _ = Close(folder);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
