using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Appends records to the newest segment and begins a further one when that is full. After a failure the segment ends with
/// the last whole record and a new one is begun. Members block. Not safe for use by several threads.
/// </summary>
internal sealed class SegmentWriter(SpoolOptions options, ISpoolDisk disk, SegmentIndex index, TimeProvider time, ILogger logger)
{
    /// <summary>The most bytes of one write, unless a single record is larger.</summary>
    public const int WriteBytes = 256 * 1024;

    private const int ProbeBytes = 64 * 1024;

    private byte[] _buffer = [];
    private SafeFileHandle? _file;
    private bool _isFolderSynced;
    private long _lastNumber;

    /// <summary>Where new segments are created.</summary>
    public SpoolFolder? Folder { get; private set; }

    /// <summary>The segment that is written to, if there is one.</summary>
    public Segment? Current { get; private set; }

    /// <summary>Whether something was written that a loss of power would take.</summary>
    public bool HasUnsynced { get; private set; }

    /// <summary>Sets the folder, whose segments the index has.</summary>
    public void Use(SpoolFolder folder)
    {
        Folder = folder;
        // A clock that was set back must not put new records before old ones.
        _lastNumber = index.HighestNumber();
    }

    /// <summary>Writes a file and deletes it, to see whether there is a disk to write to.</summary>
    /// <exception cref="Exception">There is not: see <see cref="SpoolDisk.IsDiskError"/>.</exception>
    public void Probe()
    {
        Directory.CreateDirectory(Folder!.Path);
        var path = Path.Combine(Folder.Path, "probe");
        disk.Delete(path);
        try
        {
            using var file = disk.Create(path);
            disk.Write(file, new byte[ProbeBytes], 0);
            disk.Sync(file);
        }
        finally
        {
            disk.Delete(path);
        }
    }

    /// <summary>Writes the first of the records, as many as the segment has room for and one write takes.</summary>
    /// <param name="payloads">The records, at least one.</param>
    /// <returns>How many were written, at least 1.</returns>
    /// <exception cref="Exception">None was written: see <see cref="SpoolDisk.IsDiskError"/>.</exception>
    public int Append(ReadOnlySpan<ReadOnlyMemory<byte>> payloads)
    {
        ForgetIfDeleted();
        if (Current is { } full && full.FileBytes + RecordFormat.FramedBytes(payloads[0].Length) > options.RollBytes)
        {
            Close();
        }

        var length = 0;
        if (Current is null)
        {
            length = RecordFormat.SegmentHeader.Length;
            EnsureBuffer(length);
            RecordFormat.SegmentHeader.CopyTo(_buffer);
        }

        var offset = Current?.FileBytes ?? 0;
        var count = 0;
        foreach (var payload in payloads)
        {
            var size = RecordFormat.FramedBytes(payload.Length);
            if (count > 0 && (length + size > WriteBytes || offset + length + size > options.RollBytes))
            {
                break;
            }

            EnsureBuffer(length + size);
            RecordFormat.Write(_buffer.AsSpan(length, size), payload.Span);
            length += size;
            count++;
        }

        Write(length, offset, count);
        return count;
    }

    /// <summary>Makes what was written survive the loss of power.</summary>
    /// <exception cref="Exception">It may not: see <see cref="SpoolDisk.IsDiskError"/>. A new segment is begun then.</exception>
    public void Sync()
    {
        if (!HasUnsynced)
        {
            return;
        }

        try
        {
            disk.Sync(_file!);
            if (!_isFolderSynced)
            {
                disk.SyncFolder(Folder!.Path);
                _isFolderSynced = true;
            }

            HasUnsynced = false;
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>Ends the segment, and makes it survive the loss of power.</summary>
    /// <exception cref="Exception">It may not: see <see cref="SpoolDisk.IsDiskError"/>. It is ended nevertheless.</exception>
    public void Close()
    {
        Sync();
        CloseFile();
    }

    /// <summary>Ends the segment as it is, synced or not.</summary>
    public void Abandon()
    {
        if (HasUnsynced && Current is { } segment)
        {
            index.Doubt(segment);
        }

        HasUnsynced = false;
        CloseFile();
    }

    private void Write(int length, long offset, int records)
    {
        var segment = Current;
        try
        {
            segment ??= Create();
            disk.Write(_file!, _buffer.AsSpan(0, length), offset);
        }
        catch
        {
            CutBack(segment, offset);
            throw;
        }

        HasUnsynced = true;
        index.Grow(segment, length, records);
        if (Current is null)
        {
            Current = segment;
            index.Add(segment);
        }
    }

    private Segment Create()
    {
        Directory.CreateDirectory(Folder!.Path);
        _lastNumber = Math.Max(_lastNumber + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        var path = Folder.SegmentPath(_lastNumber);
        _file = disk.Create(path);
        _isFolderSynced = false;
        return new Segment(_lastNumber, path, Folder) { IsVerified = true };
    }

    // Reading finds the end of the records itself; this keeps the next start from calling the rest damaged.
    private void CutBack(Segment? segment, long offset)
    {
        try
        {
            if (_file is not null && segment is not null)
            {
                if (offset == 0)
                {
                    disk.Delete(segment.Path);
                }
                else
                {
                    RandomAccess.SetLength(_file, offset);
                    Sync();
                }
            }
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            // The failure that is on its way up says it.
        }

        Abandon();
    }

    private void ForgetIfDeleted()
    {
        if (Current is { } segment && !File.Exists(segment.Path))
        {
            Abandon();
            logger.SegmentGone(segment.Path, index.Remove(segment));
        }
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
        Current = null;
    }

    private void EnsureBuffer(int length)
    {
        if (_buffer.Length < length)
        {
            Array.Resize(ref _buffer, Math.Max(length, WriteBytes));
        }
    }
}
