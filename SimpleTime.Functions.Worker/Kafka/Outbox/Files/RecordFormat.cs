using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// The bytes of a file: a header with the version, then records. A record is a frame of {marker (4 bytes), checksum (8), length of the
/// whole record (4), sequence (8)} and a body of {type (1), time of acceptance in ms since 1970 (8), bytes of the broker setting (2) and of
/// the topic (2), number of headers (2), broker setting, topic, headers, value}; a header is {bytes of its name (2) and of its value (4, -1
/// for null), name, value}. Numbers are little endian, texts UTF-8. The checksum is the XXH3 of what follows it in the record.
/// </summary>
internal static class RecordFormat
{
    /// <summary>The size of what a record has before its body, in bytes.</summary>
    public const int FrameBytes = ChecksumAt + 8 + 4 + 8;

    /// <summary>The size of the largest record, in bytes; a longer length is damage.</summary>
    public const int MaxRecordBytes = 4 * 1024 * 1024;

    private const ulong MaxIdentity = (1UL << 53) - 1;
    private const byte Message = 1;
    private const int ChecksumAt = 4;
    private const int LengthAt = ChecksumAt + 8;
    private const int SequenceAt = LengthAt + 4;
    private const int BodyBytes = 1 + 8 + 2 + 2 + 2;
    private const int HeaderBytes = 2 + 4;

    private static readonly long _firstTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long _lastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Gets what a file begins with; its last byte is the version.</summary>
    public static ReadOnlySpan<byte> FileHeader => "STOUTBX\u0001"u8;

    /// <summary>Gets what a record begins with. UTF-8 has no bytes like its first and its third, so JSON does not contain it.</summary>
    public static ReadOnlySpan<byte> Marker => [0xFF, 0x53, 0xFE, 0x54];

    /// <summary>Gets whether bytes are the beginning of a file of another version.</summary>
    public static bool IsOtherVersion(ReadOnlySpan<byte> header) =>
        header.Length == FileHeader.Length && header.StartsWith(FileHeader[..^1]) && header[^1] != FileHeader[^1];

    /// <summary>Measures a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="bytes">Its size in a file, in bytes.</param>
    /// <returns>
    /// False for one that no file can take: larger than <see cref="MaxRecordBytes"/>, or with more than 65,535 headers or bytes of a name.
    /// </returns>
    public static bool TryMeasure(OutboxRecord record, out int bytes)
    {
        var size = (long)FrameBytes + BodyBytes + record.Value.Length;
        var isShort = (record.Headers?.Count ?? 0) <= ushort.MaxValue && AddName(record.BrokerSetting) && AddName(record.Topic);
        foreach (var header in record.Headers ?? [])
        {
            size += HeaderBytes + (header.GetValueBytes()?.Length ?? 0);
            isShort &= AddName(header.Key);
        }

        isShort &= size <= MaxRecordBytes;
        bytes = isShort ? (int)size : 0;
        return isShort;

        bool AddName(string name)
        {
            var length = Encoding.UTF8.GetByteCount(name);
            size += length;
            return length <= ushort.MaxValue;
        }
    }

    /// <summary>Writes a record.</summary>
    /// <param name="destination">As long as <see cref="TryMeasure"/> tells, exactly.</param>
    /// <param name="sequence">The record's number in its file, from 1 on.</param>
    /// <param name="record">The record.</param>
    public static void Write(Span<byte> destination, long sequence, OutboxRecord record)
    {
        Marker.CopyTo(destination);
        BinaryPrimitives.WriteInt32LittleEndian(destination[LengthAt..], destination.Length);
        BinaryPrimitives.WriteInt64LittleEndian(destination[SequenceAt..], sequence);
        var body = destination[FrameBytes..];
        body[0] = Message;
        BinaryPrimitives.WriteInt64LittleEndian(body[1..], record.AcceptedAt.ToUnixTimeMilliseconds());
        var rest = body[BodyBytes..];
        BinaryPrimitives.WriteUInt16LittleEndian(body[9..], WriteText(ref rest, record.BrokerSetting));
        BinaryPrimitives.WriteUInt16LittleEndian(body[11..], WriteText(ref rest, record.Topic));
        BinaryPrimitives.WriteUInt16LittleEndian(body[13..], (ushort)(record.Headers?.Count ?? 0));
        foreach (var header in record.Headers ?? [])
        {
            var lengths = rest;
            rest = rest[HeaderBytes..];
            BinaryPrimitives.WriteUInt16LittleEndian(lengths, WriteText(ref rest, header.Key));
            var value = header.GetValueBytes();
            BinaryPrimitives.WriteInt32LittleEndian(lengths[2..], value?.Length ?? -1);
            value.CopyTo(rest);
            rest = rest[(value?.Length ?? 0)..];
        }

        record.Value.Span.CopyTo(rest);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ChecksumAt..], XxHash3.HashToUInt64(destination[LengthAt..]));
    }

    /// <summary>Computes a number that a record keeps in whatever file it is: a hash of its contents, from 1 on and with 16 digits at the most.</summary>
    /// <param name="record">One that <see cref="TryMeasure"/> admits.</param>
    public static long IdentityOf(OutboxRecord record)
    {
        _ = TryMeasure(record, out var bytes);
        var buffer = new byte[bytes];
        Write(buffer, 0, record);
        return Math.Max(1, (long)(BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(ChecksumAt)) & MaxIdentity));
    }

    /// <summary>Gets the length of the record that begins with a frame; 0 when it is no possible one.</summary>
    /// <param name="frame">At least <see cref="FrameBytes"/> long.</param>
    public static int LengthOf(ReadOnlySpan<byte> frame)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(frame[LengthAt..]);
        return frame.StartsWith(Marker) && length is > FrameBytes and <= MaxRecordBytes ? length : 0;
    }

    /// <summary>Gets the sequence of a record.</summary>
    public static long SequenceOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[SequenceAt..]);

    /// <summary>Gets whether the checksum of a record holds.</summary>
    /// <param name="record">As long as <see cref="LengthOf"/> tells.</param>
    public static bool IsValid(ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt64LittleEndian(record[ChecksumAt..]) == XxHash3.HashToUInt64(record[LengthAt..]);

    /// <summary>Gets whether a record is of a type that this version can read.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> record) => record[FrameBytes] == Message;

    /// <summary>Reads a record whose checksum holds; false when its parts do not fit together.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, [NotNullWhen(true)] out OutboxRecord? read)
    {
        read = null;
        var body = record[FrameBytes..];
        if (body.Length < BodyBytes || BinaryPrimitives.ReadInt64LittleEndian(body[1..]) is var time && (time < _firstTime || time > _lastTime))
        {
            return false;
        }

        var rest = body[BodyBytes..];
        if (!TryTake(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(body[9..]), out var setting)
            || !TryTake(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(body[11..]), out var topic)
            || !TryReadHeaders(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(body[13..]), out var headers))
        {
            return false;
        }

        read = new OutboxRecord(
            DateTimeOffset.FromUnixTimeMilliseconds(time), Encoding.UTF8.GetString(setting), Encoding.UTF8.GetString(topic), headers, rest.ToArray());
        return true;
    }

    private static ushort WriteText(ref Span<byte> rest, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, rest);
        rest = rest[length..];
        return (ushort)length;
    }

    private static bool TryReadHeaders(ref ReadOnlySpan<byte> rest, int count, out Headers? headers)
    {
        headers = count > 0 ? [] : null;
        for (var i = 0; i < count; i++)
        {
            if (!TryTake(ref rest, HeaderBytes, out var lengths)
                || !TryTake(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(lengths), out var name))
            {
                return false;
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(lengths[2..]);
            if (!TryTake(ref rest, Math.Max(length, 0), out var value))
            {
                return false;
            }

            headers!.Add(Encoding.UTF8.GetString(name), length < 0 ? null : value.ToArray());
        }

        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length > rest.Length)
        {
            return false;
        }

        taken = rest[..length];
        rest = rest[length..];
        return true;
    }
}
