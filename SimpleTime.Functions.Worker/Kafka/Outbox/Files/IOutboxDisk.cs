using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// What the outbox does to the disk, so that tests can see and fail it. Members block, and throw what
/// <see cref="OutboxDisk.IsDiskError"/> names.
/// </summary>
internal interface IOutboxDisk
{
    /// <summary>Creates a file that did not exist.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Opens a file for reading, also while it is written to.</summary>
    SafeFileHandle OpenToRead(string path);

    /// <summary>Opens a file and locks it until the handle is closed or the process dies.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">Whether a file that does not exist is created.</param>
    /// <returns>Null when another handle has it open or locked, of this process or of another one.</returns>
    SafeFileHandle? TryLock(string path, FileMode mode);

    /// <summary>Writes all the bytes at an offset.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads at an offset.</summary>
    /// <returns>How many bytes were read; 0 at the end of the file.</returns>
    int Read(SafeFileHandle file, Span<byte> bytes, long offset);

    /// <summary>Sets the length of a file, in bytes.</summary>
    void SetLength(SafeFileHandle file, long length);

    /// <summary>Returns when what was written to the file will survive the loss of power.</summary>
    void Sync(SafeFileHandle file);

    /// <summary>Creates a folder in one that exists; one that exists is no error.</summary>
    void CreateFolder(string path);

    /// <summary>Returns when the folder's entries will survive the loss of power, where the system can do that.</summary>
    void SyncFolder(string path);

    /// <summary>Renames a file within its folder.</summary>
    void Rename(string path, string newPath);

    /// <summary>Deletes a file; one that is gone is no error.</summary>
    void Delete(string path);

    /// <summary>Deletes an empty folder.</summary>
    void DeleteFolder(string path);
}
