using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// The headers of a message as they stand in the spool: how many (a byte), and of each the length of its name (a byte) and of
/// its value (two bytes), its name and its value.
/// </summary>
internal static class SpoolHeaders
{
    private const int LengthBytes = 1 + 2;

    /// <summary>Writes at most 255 headers; one that is larger than its lengths can say is left out.</summary>
    public static byte[] ToBytes(Headers headers)
    {
        var kept = headers.Where(Fits).Take(byte.MaxValue).ToArray();
        var bytes = new byte[1 + kept.Sum(header => LengthBytes + Encoding.UTF8.GetByteCount(header.Key) + Value(header).Length)];
        bytes[0] = (byte)kept.Length;
        var rest = bytes.AsSpan(1);
        foreach (var header in kept)
        {
            var value = Value(header);
            var name = Encoding.UTF8.GetBytes(header.Key, rest[LengthBytes..]);
            rest[0] = (byte)name;
            BinaryPrimitives.WriteUInt16LittleEndian(rest[1..], (ushort)value.Length);
            value.CopyTo(rest[(LengthBytes + name)..]);
            rest = rest[(LengthBytes + name + value.Length)..];
        }

        return bytes;
    }

    /// <summary>Reads headers from the start of <paramref name="bytes"/> and moves it behind them; false when they are damaged.</summary>
    public static bool TryRead(ref ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Headers? headers)
    {
        headers = null;
        var span = bytes.Span;
        if (span.IsEmpty)
        {
            return false;
        }

        var read = new Headers();
        var at = 1;
        for (var i = 0; i < span[0]; i++)
        {
            if (span.Length < at + LengthBytes)
            {
                return false;
            }

            var name = span[at];
            var value = BinaryPrimitives.ReadUInt16LittleEndian(span[(at + 1)..]);
            at += LengthBytes;
            if (span.Length < at + name + value)
            {
                return false;
            }

            read.Add(Encoding.UTF8.GetString(span.Slice(at, name)), span.Slice(at + name, value).ToArray());
            at += name + value;
        }

        bytes = bytes[at..];
        headers = read;
        return true;
    }

    private static bool Fits(IHeader header) => Encoding.UTF8.GetByteCount(header.Key) <= byte.MaxValue && Value(header).Length <= ushort.MaxValue;

    private static byte[] Value(IHeader header) => header.GetValueBytes() ?? [];
}
