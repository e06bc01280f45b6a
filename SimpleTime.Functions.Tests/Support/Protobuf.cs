using System.Buffers.Binary;
using System.Text;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>A message of Protocol Buffers, read without its schema: fields by their numbers. Immutable.</summary>
internal sealed class Protobuf
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <summary>Reads a message.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public Protobuf(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var key = Varint(ref bytes);
            var field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((field, Varint(ref bytes), default));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span), default));
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    _fields.Add((field, 0, bytes[..length]));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span), default));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {key & 7}.");
            }
        }
    }

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<Protobuf> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => new Protobuf(f.Bytes));

    /// <summary>The message of a field; an empty one when it is absent.</summary>
    public Protobuf Message(int field) => Messages(field).LastOrDefault() ?? new Protobuf(default);

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    /// <summary>The text of a field; empty when it is absent.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(_fields.LastOrDefault(f => f.Field == field).Bytes.Span);

    /// <summary>The bytes of a field in lower-case hexadecimal digits.</summary>
    public string Hex(int field) => Convert.ToHexStringLower(_fields.LastOrDefault(f => f.Field == field).Bytes.Span);

    /// <summary>The number of a field; 0 when it is absent.</summary>
    public long Number(int field) => (long)_fields.LastOrDefault(f => f.Field == field).Number;

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number is too long.");
    }
}
