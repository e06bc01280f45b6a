using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>The real disk. Safe for use by several threads.</summary>
internal sealed partial class OutboxDisk : IOutboxDisk
{
    // O_RDONLY | O_CLOEXEC of Linux's fcntl.h; both are the same on x64 and Arm.
    private const int OpenFlags = 0x80000;

    /// <summary>Gets whether an exception is of the disk, the folder or its path, and not a mistake of the program.</summary>
    public static bool IsDiskError(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException;

    /// <inheritdoc/>
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public SafeFileHandle? TryLock(string path, FileMode mode)
    {
        try
        {
            // flock(2), which ends with the process however that ends; a file system without locks gives no such protection.
            return File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    /// <inheritdoc/>
    public int Read(SafeFileHandle file, Span<byte> bytes, long offset) => RandomAccess.Read(file, bytes, offset);

    /// <inheritdoc/>
    public void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <inheritdoc/>
    public void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <inheritdoc/>
    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <inheritdoc/>
    public void SyncFolder(string path)
    {
        // .NET opens no folders.
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var folder = Open(path, OpenFlags);
        if (folder < 0)
        {
            ThrowUnlessUnsupported(path);
            return;
        }

        try
        {
            if (Fsync(folder) < 0)
            {
                ThrowUnlessUnsupported(path);
            }
        }
        finally
        {
            _ = Close(folder);
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => File.Move(path, newPath, overwrite: true);

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

    /// <inheritdoc/>
    public void DeleteFolder(string path) => Directory.Delete(path);

    // EWOULDBLOCK of Linux and of macOS, and ERROR_SHARING_VIOLATION.
    private static bool IsHeldElsewhere(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static void ThrowUnlessUnsupported(string path)
    {
        var error = Marshal.GetLastPInvokeError();

        // EACCES, EINVAL, EROFS and EOPNOTSUPP: the folder may be written but not opened, or its file system syncs no folders.
        if (error is not (13 or 22 or 30 or 95))
        {
            throw new IOException($"{path} could not be synced: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
