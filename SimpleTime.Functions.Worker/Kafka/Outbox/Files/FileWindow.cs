namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// Looks at a file from front to back through a buffer that is as large as what is looked at. Members block and throw disk errors, after
/// which they can be called again. Not safe for use by several threads.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class FileWindow(OutboxFile file)
{
    /// <summary>The smallest size of a read, in bytes.</summary>
    public const int ChunkBytes = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _filled;
    private long _cutAt = long.MaxValue;

    /// <summary>Gets the offset of what <see cref="Peek"/> shows first.</summary>
    public long Position { get; private set; }

    /// <summary>Gets the offset of the end: what was synced, or where somebody cut the file.</summary>
    public long End => Math.Min(file.Bytes, _cutAt);

    /// <summary>Shows bytes from the position on.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Fewer only at the end; valid until the next call.</returns>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_filled < count)
        {
            MakeRoom(Math.Max(count, ChunkBytes));
            while (_filled < count && Position + _filled < End)
            {
                var room = (int)Math.Min(_buffer.Length - _filled, End - Position - _filled);
                var read = file.Read(_buffer.AsSpan(_filled, room), Position + _filled);
                if (read == 0)
                {
                    _cutAt = Position + _filled;
                }

                _filled += read;
            }
        }

        return _buffer.AsSpan(_start, Math.Min(count, _filled));
    }

    /// <summary>Moves the position over bytes that were shown.</summary>
    public void Advance(int count)
    {
        Position += count;
        _start += count;
        _filled -= count;
    }

    private void MakeRoom(int bytes)
    {
        var buffer = _buffer.Length >= bytes ? _buffer : new byte[bytes];
        _buffer.AsSpan(_start, _filled).CopyTo(buffer);
        (_buffer, _start) = (buffer, 0);
    }
}
