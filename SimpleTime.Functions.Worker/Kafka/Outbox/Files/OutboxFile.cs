using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// A file of records: one that this process appends to, or one that a dead process left. Members block, throw disk errors and are for one
/// thread, <see cref="Outstanding"/> excepted.
/// </summary>
internal sealed class OutboxFile
{
    private const int CopyBytes = 64 * 1024;

    private readonly IOutboxDisk _disk;
    private readonly DiskUsage _usage;
    private SafeFileHandle? _handle;
    private bool _isFolderSynced;

    private OutboxFile(string path, OutboxFileKind kind, IOutboxDisk disk, DiskUsage usage)
    {
        Path = path;
        Kind = kind;
        _disk = disk;
        _usage = usage;
    }

    /// <summary>Gets the absolute path, which changes when the file is carried over.</summary>
    public string Path { get; private set; }

    /// <summary>Gets what its messages are.</summary>
    public OutboxFileKind Kind { get; }

    /// <summary>Gets the bytes that were written and synced.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets the records that this process appended and synced; 0 for a file of a dead process.</summary>
    public int Records { get; private set; }

    /// <summary>Gets whether it takes records.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Gets or sets how many of its messages are outstanding; changes under the outbox's lock.</summary>
    public int Outstanding { get; set; }

    /// <summary>Gets whether this process created it.</summary>
    internal bool IsOwn { get; private init; }

    /// <summary>Gets whether it was given up: deleted, or left to others.</summary>
    internal bool IsReleased { get; private set; }

    /// <summary>Gets whether somebody else deleted or renamed it before a dead process's file was opened.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Gets whether its path still names it.</summary>
    internal bool IsInPlace => _handle is not { } handle || FileIdentity.IsAt(handle, Path);

    /// <summary>Gets the folder that it is in.</summary>
    internal string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Appends records and syncs them. When it throws, none of them counts and the file takes no more.</summary>
    /// <param name="records">The records; each must be one that <see cref="RecordFormat.TryMeasure"/> admits.</param>
    /// <exception cref="InvalidOperationException">The file is closed, or a record is too large; nothing was written.</exception>
    public void Append(IReadOnlyList<OutboxRecord> records)
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The file is closed.");
        }

        var header = Bytes == 0 ? RecordFormat.FileHeader : [];
        var lengths = new int[records.Count];
        var total = header.Length;
        for (var i = 0; i < lengths.Length; i++)
        {
            if (!RecordFormat.TryMeasure(records[i], out lengths[i]))
            {
                throw new InvalidOperationException("The record is too large for a file.");
            }

            total = checked(total + lengths[i]);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(total);
        try
        {
            header.CopyTo(buffer);
            var rest = buffer.AsSpan(header.Length);
            for (var i = 0; i < lengths.Length; i++)
            {
                RecordFormat.Write(rest[..lengths[i]], Records + i + 1, records[i]);
                rest = rest[lengths[i]..];
            }

            WriteAndSync(buffer.AsSpan(0, total));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Bytes += total;
        Records += lengths.Length;
        _usage.AddOwn(total);
    }

    /// <summary>
    /// Takes no more records. The handle stays open, so that what somebody unlinked or renamed can still be read and carried over.
    /// </summary>
    public void Close() => IsOpen = false;

    /// <summary>Creates a file.</summary>
    internal static OutboxFile Create(string path, OutboxFileKind kind, IOutboxDisk disk, DiskUsage usage) =>
        new(path, kind, disk, usage) { _handle = disk.Create(path), IsOpen = true, IsOwn = true };

    /// <summary>Makes the instance for a file that a dead process left.</summary>
    internal static OutboxFile OfDeadProcess(string path, long bytes, IOutboxDisk disk, DiskUsage usage) =>
        new(path, OutboxFileKind.Backlog, disk, usage) { Bytes = bytes };

    /// <summary>Opens a file that no process appends to any more, and keeps others from opening it.</summary>
    /// <returns>Null when another has it open.</returns>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    internal static OutboxFile? TryOpenAlone(string path, OutboxFileKind kind, IOutboxDisk disk, DiskUsage usage)
    {
        if (disk.TryLock(path, FileMode.Open) is not { } handle)
        {
            return null;
        }

        var file = new OutboxFile(path, kind, disk, usage) { _handle = handle, Bytes = RandomAccess.GetLength(handle) };
        if (file.IsInPlace)
        {
            return file;
        }

        // Whoever had it before has just deleted it.
        file.Release();
        throw new FileNotFoundException($"{path} was deleted.", path);
    }

    /// <summary>Reads at an offset, also what is not synced.</summary>
    /// <returns>How many bytes were read; 0 at the end of the file.</returns>
    internal int Read(Span<byte> bytes, long offset)
    {
        ObjectDisposedException.ThrowIf(IsReleased, this);
        try
        {
            _handle ??= _disk.OpenToRead(Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            IsGone = true;
            return 0;
        }

        return _disk.Read(_handle, bytes, offset);
    }

    /// <summary>
    /// Copies what was synced to a new file, which takes the place of this one; then empties and deletes the old one, wherever somebody
    /// moved it. When it throws, nothing changed.
    /// </summary>
    internal void MoveTo(string path)
    {
        var copy = _disk.Create(path);
        try
        {
            CopyTo(copy);
            _disk.Sync(copy);
            _disk.SyncFolder(System.IO.Path.GetDirectoryName(path)!);
        }
        catch
        {
            copy.Dispose();
            TryOrElseSendTwice(() => _disk.Delete(path));
            throw;
        }

        using var old = _handle!;
        var oldPath = Path;
        (Path, _handle, _isFolderSynced) = (path, copy, true);
        TryOrElseSendTwice(() =>
        {
            _disk.SetLength(old, 0);
            if (FileIdentity.IsAt(old, oldPath))
            {
                _disk.Delete(oldPath);
            }
        });
    }

    /// <summary>Closes the handle; the file is not used any more.</summary>
    internal void Release()
    {
        Close();
        IsReleased = true;
        _handle?.Dispose();
        _handle = null;
    }

    // What stays behind is found when this process is dead, and its messages are sent a second time.
    private static void TryOrElseSendTwice(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
        }
    }

    private void WriteAndSync(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _disk.Write(_handle!, bytes, Bytes);
            _disk.Sync(_handle!);
            if (!_isFolderSynced)
            {
                _disk.SyncFolder(Folder);
                _isFolderSynced = true;
            }
        }
        catch
        {
            // After a failed sync nobody knows what of the file reached the disk: nothing more goes into it.
            Close();
            TryOrElseSendTwice(() => _disk.SetLength(_handle!, Bytes));
            throw;
        }
    }

    private void CopyTo(SafeFileHandle copy)
    {
        var buffer = new byte[CopyBytes];
        var offset = 0L;
        while (offset < Bytes)
        {
            var read = Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, Bytes - offset)), offset);
            if (read == 0)
            {
                // Somebody cut the file: its reader counts what is missing.
                return;
            }

            _disk.Write(copy, buffer.AsSpan(0, read), offset);
            offset += read;
        }
    }
}

/// <summary>What the messages of a file are.</summary>
internal enum OutboxFileKind
{
    /// <summary>Messages that left memory: the file is read when their turn comes.</summary>
    Backlog,

    /// <summary>Messages that are in memory still: the file is read only after this process died.</summary>
    Journal,

    /// <summary>Messages that Kafka refused for good.</summary>
    Refused,
}
