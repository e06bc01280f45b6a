using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// What the spool does to the disk, so that tests can see and fail it. Members block, and throw what
/// <see cref="SpoolDisk.IsDiskError"/> names.
/// </summary>
internal interface ISpoolDisk
{
    /// <summary>Creates a file that did not exist.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Writes all the bytes at an offset.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns when what was written to the file will survive the loss of power.</summary>
    void Sync(SafeFileHandle file);

    /// <summary>Returns when the folder's entries will survive the loss of power, where the system can do that.</summary>
    void SyncFolder(string path);

    /// <summary>Deletes a file; one that is gone is no error.</summary>
    void Delete(string path);
}
