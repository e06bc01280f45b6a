using System.Buffers.Binary;
using System.Text;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>A request or response of the Kafka protocol, without its length.</summary>
internal static class KafkaFrame
{
    public const short SaslHandshake = 17;
    public const short ApiVersions = 18;
    public const short SaslAuthenticate = 36;

    private const int MaxBytes = 64 << 20;

    /// <summary>Reads a frame; null at the end of the connection.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = new byte[4];
        if (await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, cancellationToken) < 4)
        {
            return null;
        }

        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length) is var bytes and >= 0 and <= MaxBytes
            ? bytes
            : throw new InvalidDataException("This is no frame of Kafka's.")];
        await stream.ReadExactlyAsync(frame, cancellationToken);
        return frame;
    }

    public static async Task WriteAsync(Stream stream, byte[] frame, CancellationToken cancellationToken)
    {
        var bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes, 4);
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    public static short Key(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request);

    public static short Version(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(2));

    /// <summary>What follows the header of a request that is not of a flexible version.</summary>
    public static byte[] Body(byte[] request)
    {
        var clientId = Math.Max((short)0, BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(8)));
        return request[(10 + clientId)..];
    }

    /// <summary>The answer to a request: its correlation id and a body.</summary>
    public static byte[] Answer(byte[] request, params ReadOnlySpan<byte> body) => [.. request.AsSpan(4, 4), .. body];

    public static byte[] Int16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Int32(int value) => [.. Int16(value >> 16), .. Int16(value)];

    public static byte[] Int64(long value) => [.. Int32((int)(value >> 32)), .. Int32((int)value)];

    public static byte[] Text(string value) => [.. Int16(value.Length), .. Encoding.ASCII.GetBytes(value)];

    /// <summary>Adds the two SASL requests to a broker's list of what it knows.</summary>
    public static byte[] WithSasl(byte[] answer, short version)
    {
        if (BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(4)) != 0)
        {
            return answer;
        }

        byte[] end = version >= 3 ? [0] : [];
        byte[] added =
        [
            .. Int16(SaslHandshake), .. Int16(0), .. Int16(1), .. end,
            .. Int16(SaslAuthenticate), .. Int16(0), .. Int16(1), .. end,
        ];
        return version >= 3
            ? [.. answer[..6], checked((byte)(answer[6] + 2)), .. added, .. answer[7..]]
            : [.. answer[..6], .. Int32(BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(6)) + 2), .. added, .. answer[10..]];
    }
}
