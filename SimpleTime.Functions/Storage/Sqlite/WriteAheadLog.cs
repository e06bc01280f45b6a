using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Storage.Sqlite;

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
    private long _seenLength;

    private WriteAheadLog(string path, SafeFileHandle handle, FileState file)
    {
        _path = path;
        _handle = handle;
        _file = file;
    }

    /// <summary>Whether it is still the file at its path.</summary>
    public bool IsInPlace => _file.IsSameFile(FileState.Of(_path));

    /// <summary>Whether a new log can be begun at its path: there is none, or an empty one.</summary>
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

    /// <summary>Whether nobody cut it or wrote over its beginning since it was last looked at.</summary>
    public bool IsSound()
    {
        var length = RandomAccess.GetLength(_handle);
        var isSound = length >= _seenLength && (length == 0 || TryReadHeader(out _, out _));
        _seenLength = length;
        return isSound;
    }

    /// <summary>The header that each of its transactions which wrote the file's first page gave it, the oldest first.</summary>
    public List<DatabaseHeader> Headers()
    {
        List<DatabaseHeader> headers = [];
        if (!TryReadHeader(out var pageSize, out var salt))
        {
            return headers;
        }

        var length = RandomAccess.GetLength(_handle);
        Span<byte> frame = stackalloc byte[FrameHeaderLength + DatabaseHeader.Length];
        for (long offset = HeaderLength; offset + FrameHeaderLength + pageSize <= length; offset += FrameHeaderLength + pageSize)
        {
            // Frames behind the last transaction are of an earlier use of the file, and have another salt.
            if (RandomAccess.Read(_handle, frame, offset) < frame.Length || BinaryPrimitives.ReadUInt64BigEndian(frame[8..]) != salt)
            {
                break;
            }

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
