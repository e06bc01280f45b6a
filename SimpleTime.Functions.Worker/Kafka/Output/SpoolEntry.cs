using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>A message as it stands in the spool.</summary>
/// <param name="Process">The process that spooled it, a random number.</param>
/// <param name="Sequence">The pending message of that process that it is a copy of; 0 for one that went to the spool only.</param>
/// <param name="BrokerSetting">The broker list as the output's attribute names it: a setting may have changed since.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Value">The value.</param>
/// <param name="Headers">The headers; null for none.</param>
internal sealed record SpoolEntry(
    long Process, long Sequence, string BrokerSetting, string Topic, ReadOnlyMemory<byte> Value, Headers? Headers = null)
{
    // An entry without headers keeps the first format, so that an earlier version of the worker can read it.
    private const byte Plain = 1;
    private const byte WithHeaders = 2;
    private const int FixedBytes = 1 + 8 + 8 + 2 + 2;

    public byte[] ToBytes()
    {
        var headers = Headers is { Count: > 0 } some ? SpoolHeaders.ToBytes(some) : [];
        var setting = Encoding.UTF8.GetByteCount(BrokerSetting);
        var topic = Encoding.UTF8.GetByteCount(Topic);
        var bytes = new byte[FixedBytes + setting + topic + headers.Length + Value.Length];
        bytes[0] = headers.Length > 0 ? WithHeaders : Plain;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Process);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(17), checked((ushort)setting));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(19), checked((ushort)topic));
        var rest = bytes.AsSpan(FixedBytes);
        rest = rest[Encoding.UTF8.GetBytes(BrokerSetting, rest)..];
        rest = rest[Encoding.UTF8.GetBytes(Topic, rest)..];
        headers.CopyTo(rest);
        Value.Span.CopyTo(rest[headers.Length..]);
        return bytes;
    }

    /// <summary>Reads an entry; false for bytes of another format.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SpoolEntry? entry)
    {
        entry = null;
        var span = bytes.Span;
        if (span.Length < FixedBytes || span[0] is not (Plain or WithHeaders))
        {
            return false;
        }

        var setting = BinaryPrimitives.ReadUInt16LittleEndian(span[17..]);
        var topic = BinaryPrimitives.ReadUInt16LittleEndian(span[19..]);
        if (span.Length < FixedBytes + setting + topic)
        {
            return false;
        }

        var rest = bytes[(FixedBytes + setting + topic)..];
        Headers? headers = null;
        if (span[0] == WithHeaders && !SpoolHeaders.TryRead(ref rest, out headers))
        {
            return false;
        }

        entry = new SpoolEntry(
            BinaryPrimitives.ReadInt64LittleEndian(span[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[9..]),
            Encoding.UTF8.GetString(span.Slice(FixedBytes, setting)),
            Encoding.UTF8.GetString(span.Slice(FixedBytes + setting, topic)),
            rest,
            headers);
        return true;
    }
}
