using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>
/// A write-ahead log as it lies on the disk (https://sqlite.org/fileformat2.html, 4), only read. SQLite locks no part of this
/// file, so it may be opened beside SQLite. Used by one thread at a time.
/// </summary>
internal sealed class WriteAheadLog : IDisposable
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly FileState _file;
    private ulong _salt;
    private long _end;

    private WriteAheadLog(string path, SafeFileHandle handle, FileState file)
    {
        _path = path;
        _handle = handle;
        _file = file;
    }

    /// <summary>Gets whether it is still the file at its path.</summary>
    public bool IsInPlace => _file.IsSameFile(FileState.Of(_path));

    /// <summary>Gets whether a new log can be begun at its path: there is none, or an empty one.</summary>
    public bool IsPlaceFree => FileState.Of(_path) is not { Size: > 0 };

    /// <summary>Opens a log.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>Null when there is none.</returns>
    public static WriteAheadLog? Open(string path)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (FileState.Of(path) is { } file)
            {
                return new WriteAheadLog(path, handle, file);
            }

            handle.Dispose();
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns whether nobody cut it or wrote over its beginning since it was last looked at.</summary>
    /// <remarks>SQLite itself cuts a log that it has begun anew, behind the frames of the first transaction in it.</remarks>
    public bool IsSound()
    {
        // Before the header: SQLite cuts after it has written another.
        var length = RandomAccess.GetLength(_handle);
        var hasHeader = TryReadHeader(out var pageSize, out var salt);
        if (hasHeader && salt != _salt)
        {
            _salt = salt;
            _end = HeaderLength;
        }

        var isSound = length >= _end && (length == 0 || hasHeader);
        _end = hasHeader ? End(_end, pageSize, salt) : length;
        return isSound;
    }

    /// <summary>Returns the header that each of its transactions which wrote the file's first page gave it, the oldest first.</summary>
    public List<DatabaseHeader> Headers()
    {
        List<DatabaseHeader> headers = [];
        if (!TryReadHeader(out var pageSize, out var salt))
        {
            return headers;
        }

        var end = End(HeaderLength, pageSize, salt);
        Span<byte> frame = stackalloc byte[FrameHeaderLength + DatabaseHeader.Length];
        for (long offset = HeaderLength; offset < end && RandomAccess.Read(_handle, frame, offset) == frame.Length; offset += FrameHeaderLength + pageSize)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(frame) == 1)
            {
                headers.Add(new DatabaseHeader(frame[FrameHeaderLength..]));
            }
        }

        return headers;
    }

    /// <summary>Removes it from its path, unless another file is there now.</summary>
    public void Remove()
    {
        if (IsInPlace)
        {
            File.Delete(_path);
        }
    }

    public void Dispose() => _handle.Dispose();

    // Where the frames of this use of the file end: those behind are of an earlier one, and have another salt.
    private long End(long from, long pageSize, ulong salt)
    {
        var length = RandomAccess.GetLength(_handle);
        Span<byte> frame = stackalloc byte[FrameHeaderLength];
        while (from + FrameHeaderLength + pageSize <= length
            && RandomAccess.Read(_handle, frame, from) == frame.Length && BinaryPrimitives.ReadUInt64BigEndian(frame[8..]) == salt)
        {
            from += FrameHeaderLength + pageSize;
        }

        return from;
    }

    private bool TryReadHeader(out long pageSize, out ulong salt)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var isComplete = RandomAccess.Read(_handle, header, 0) == header.Length;
        pageSize = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        salt = BinaryPrimitives.ReadUInt64BigEndian(header[16..]);
        return isComplete
            && (BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) == 0x377f0682
            && pageSize is >= 512 and <= 65_536 && (pageSize & (pageSize - 1)) == 0;
    }
}
