using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Keeps what Kafka refuses for good in <c>rejected.jsonl</c>, one JSON object a line, up to a size; for people to look at.
/// Members block for a short write. Safe for use by several threads.
/// </summary>
/// <param name="folder">Tells the folder for the file; null while there is none.</param>
/// <param name="time">The clock.</param>
/// <param name="throttled">Makes the line that tells of it, at most once a minute.</param>
/// <param name="logger">Where it is told.</param>
internal sealed class RejectedFile(Func<string?> folder, TimeProvider time, ThrottledLog throttled, ILogger<RejectedFile> logger)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "rejected.jsonl";

    private const int KeptValueBytes = 64 * 1024;
    private const int KeptTextLength = 512;

    private readonly Lock _lock = new();
    private readonly ThrottledLine<string> _rejections = throttled.CreateLine<string>((reason, count) =>
        logger.MessagesRejected(count, reason, folder() is { } path ? Path.Combine(path, FileName) : FileName));

    private long _count;
    private bool _isToldFull;
    private bool _isToldNotKept;

    /// <summary>The most bytes that the file gets.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many messages were rejected since the start, kept or not.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Counts a message and keeps it if there is room. Never throws.</summary>
    /// <param name="topic">The topic that it was for.</param>
    /// <param name="reason">Why Kafka refused it; its first 512 characters are kept.</param>
    /// <param name="value">The message, of which the first 64 KiB are kept.</param>
    public void Add(string topic, string reason, ReadOnlySpan<byte> value)
    {
        Interlocked.Increment(ref _count);
        reason = SafeText.OneLine(reason, KeptTextLength);
        var line = new ArrayBufferWriter<byte>();
        Write(line, SafeText.OneLine(topic, KeptTextLength), reason, value);
        lock (_lock)
        {
            Keep(line.WrittenSpan);
        }

        _rejections.Write(reason);
    }

    private void Write(ArrayBufferWriter<byte> line, string topic, string reason, ReadOnlySpan<byte> value)
    {
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime);
            json.WriteString("topic", topic);
            json.WriteString("reason", reason);
            json.WriteNumber("size", value.Length);
            json.WriteBase64String("value", value[..Math.Min(value.Length, KeptValueBytes)]);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        try
        {
            var path = Path.Combine(folder() ?? throw new IOException("there is no spool folder."), FileName);
            using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            var length = RandomAccess.GetLength(file);
            if (length + 1 + line.Length > MaxBytes)
            {
                if (!_isToldFull)
                {
                    _isToldFull = true;
                    logger.RejectedFull(path);
                }

                return;
            }

            // A line that a crash has torn must not spoil this one.
            Span<byte> last = stackalloc byte[1];
            if (length > 0 && (RandomAccess.Read(file, last, length - 1) == 0 || last[0] != (byte)'\n'))
            {
                RandomAccess.Write(file, "\n"u8, length++);
            }

            RandomAccess.Write(file, line, length);
            _isToldNotKept = false;
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            if (!_isToldNotKept)
            {
                _isToldNotKept = true;
                logger.RejectedNotKept(SafeText.OneLine(e.Message, KeptTextLength));
            }
        }
    }
}
