using System.Buffers.Binary;
using System.Numerics;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// The bytes of a segment: a header with the version, then records. A record is its payload's length (4 bytes, little
/// endian), the CRC-32C of that length and the payload (4 bytes), and the payload.
/// </summary>
internal static class RecordFormat
{
    /// <summary>What a record has before its payload, in bytes.</summary>
    public const int RecordHeaderBytes = 8;

    /// <summary>What a segment begins with.</summary>
    public static ReadOnlySpan<byte> SegmentHeader => "STSPOOL\u0001"u8;

    /// <summary>The size of a record with a payload of <paramref name="payloadBytes"/>, in bytes.</summary>
    public static int FramedBytes(int payloadBytes) => RecordHeaderBytes + payloadBytes;

    /// <summary>Writes a record.</summary>
    /// <param name="destination">Exactly <see cref="FramedBytes"/> long.</param>
    /// <param name="payload">The payload.</param>
    public static void Write(Span<byte> destination, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Checksum(destination[..4], payload));
        payload.CopyTo(destination[RecordHeaderBytes..]);
    }

    /// <summary>Looks at a record.</summary>
    /// <param name="source">The bytes from the record's first on.</param>
    /// <param name="maxPayloadBytes">The largest payload that is possible.</param>
    /// <param name="framedBytes">The record's size, 0 where that is unknown.</param>
    public static RecordStatus Read(ReadOnlySpan<byte> source, int maxPayloadBytes, out int framedBytes)
    {
        framedBytes = 0;
        if (source.Length < RecordHeaderBytes)
        {
            return RecordStatus.Incomplete;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length <= 0 || length > maxPayloadBytes)
        {
            return RecordStatus.Unreadable;
        }

        framedBytes = FramedBytes(length);
        if (source.Length < framedBytes)
        {
            return RecordStatus.Incomplete;
        }

        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        return checksum == Checksum(source[..4], source.Slice(RecordHeaderBytes, length)) ? RecordStatus.Valid : RecordStatus.Damaged;
    }

    private static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(length));
        while (payload.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            payload = payload[sizeof(ulong)..];
        }

        foreach (var value in payload)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
