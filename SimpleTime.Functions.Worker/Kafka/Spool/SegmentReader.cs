using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Reads the records of a segment one after the other, and goes past the damaged ones as far as it can know where the next
/// begins. Reading blocks. Not safe for use by several threads.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly SafeFileHandle _file;
    private readonly long _end;
    private readonly int _maxRecordBytes;
    private byte[] _buffer;
    private int _start;
    private int _filled;

    /// <summary>Opens a segment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the first record to read begins.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="maxRecordBytes">The largest payload that is possible.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public SegmentReader(string path, long offset, long end, int maxRecordBytes)
    {
        _file = SpoolDisk.OpenToRead(path);
        _end = end;
        _maxRecordBytes = maxRecordBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        Position = offset;
        ValidEnd = offset;
    }

    /// <summary>Where the next record begins.</summary>
    public long Position { get; private set; }

    /// <summary>Where the last valid record ended.</summary>
    public long ValidEnd { get; private set; }

    /// <summary>The bytes so far that were no valid record.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Reads the next valid record.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="payload">Its payload, until the next call.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryRead(out long offset, out ReadOnlySpan<byte> payload)
    {
        while (Position < _end)
        {
            var available = _buffer.AsSpan(_start, _filled);
            var status = RecordFormat.Read(available, _maxRecordBytes, out var framedBytes);
            if (status == RecordStatus.Incomplete && Fill(Math.Max(framedBytes, RecordFormat.RecordHeaderBytes)))
            {
                continue;
            }

            offset = Position;
            if (status is RecordStatus.Valid or RecordStatus.Damaged)
            {
                Skip(framedBytes);
                if (status == RecordStatus.Valid)
                {
                    ValidEnd = Position;
                    payload = available[RecordFormat.RecordHeaderBytes..framedBytes];
                    return true;
                }

                DamagedBytes += framedBytes;
            }
            else
            {
                DamagedBytes += _end - Position;
                Position = _end;
            }
        }

        offset = Position;
        payload = default;
        return false;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _filled = 0;
        _file.Dispose();
    }

    private void Skip(int bytes)
    {
        Position += bytes;
        _start += bytes;
        _filled -= bytes;
    }

    /// <summary>Gets more bytes behind those there are.</summary>
    /// <param name="wanted">How many bytes there should be.</param>
    /// <returns>False when the range ends before that.</returns>
    private bool Fill(int wanted)
    {
        if (wanted > _end - Position)
        {
            return false;
        }

        var buffer = _buffer.Length >= wanted ? _buffer : ArrayPool<byte>.Shared.Rent(wanted);
        _buffer.AsSpan(_start, _filled).CopyTo(buffer);
        if (buffer != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = buffer;
        }

        _start = 0;
        while (_filled < wanted)
        {
            var room = (int)Math.Min(_buffer.Length - _filled, _end - Position - _filled);
            var read = RandomAccess.Read(_file, _buffer.AsSpan(_filled, room), Position + _filled);
            if (read == 0)
            {
                return false;
            }

            _filled += read;
        }

        return true;
    }
}
