using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>A message as it stands in the spool.</summary>
/// <param name="Process">The process that spooled it, a random number.</param>
/// <param name="Sequence">The pending message of that process that it is a copy of; 0 for one that went to the spool only.</param>
/// <param name="BrokerSetting">The broker list as the output's attribute names it: a setting may have changed since.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Value">The value.</param>
internal sealed record SpoolEntry(long Process, long Sequence, string BrokerSetting, string Topic, ReadOnlyMemory<byte> Value)
{
    private const byte Format = 1;
    private const int FixedBytes = 1 + 8 + 8 + 2 + 2;

    public byte[] ToBytes()
    {
        var setting = Encoding.UTF8.GetByteCount(BrokerSetting);
        var topic = Encoding.UTF8.GetByteCount(Topic);
        var bytes = new byte[FixedBytes + setting + topic + Value.Length];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Process);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(17), checked((ushort)setting));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(19), checked((ushort)topic));
        Encoding.UTF8.GetBytes(BrokerSetting, bytes.AsSpan(FixedBytes));
        Encoding.UTF8.GetBytes(Topic, bytes.AsSpan(FixedBytes + setting));
        Value.Span.CopyTo(bytes.AsSpan(FixedBytes + setting + topic));
        return bytes;
    }

    /// <summary>Reads an entry; false for bytes of another format.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SpoolEntry? entry)
    {
        entry = null;
        var span = bytes.Span;
        if (span.Length < FixedBytes || span[0] != Format)
        {
            return false;
        }

        var setting = BinaryPrimitives.ReadUInt16LittleEndian(span[17..]);
        var topic = BinaryPrimitives.ReadUInt16LittleEndian(span[19..]);
        if (span.Length < FixedBytes + setting + topic)
        {
            return false;
        }

        entry = new SpoolEntry(
            BinaryPrimitives.ReadInt64LittleEndian(span[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[9..]),
            Encoding.UTF8.GetString(span.Slice(FixedBytes, setting)),
            Encoding.UTF8.GetString(span.Slice(FixedBytes + setting, topic)),
            bytes[(FixedBytes + setting + topic)..]);
        return true;
    }
}
