using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace SimpleTime.Functions.Events;

/// <summary>UUIDs as events carry them. Safe for use by several threads.</summary>
internal static class UuidText
{
    /// <summary>The length of a UUID in characters.</summary>
    public const int Length = 36;

    private const int TimeBytes = 6;
    private const int RandomBytes = 10;

    // Asking the system for random bytes costs more than all the rest of an id: as many as 25 ids take, at a time.
    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _randomLeft;

    /// <summary>Makes a UUID of version 7 (RFC 9562, section 5.7), in small letters.</summary>
    /// <param name="now">The time that it begins with. Before 1970, which a clock that is wrong may show, it has the time 0.</param>
    public static string Create(DateTimeOffset now)
    {
        if (_randomLeft == 0)
        {
            _random ??= new byte[25 * RandomBytes];
            RandomNumberGenerator.Fill(_random);
            _randomLeft = _random.Length;
        }

        Span<byte> uuid = stackalloc byte[TimeBytes + RandomBytes];
        BinaryPrimitives.WriteInt64BigEndian(uuid, Math.Max(0, now.ToUnixTimeMilliseconds()) << 16);
        _random.AsSpan(_randomLeft -= RandomBytes, RandomBytes).CopyTo(uuid[TimeBytes..]);
        uuid[6] = (byte)(0x70 | (uuid[6] & 0x0F));
        uuid[8] = (byte)(0x80 | (uuid[8] & 0x3F));
        return new Guid(uuid, bigEndian: true).ToString();
    }

    /// <summary>
    /// Reads a UUID of 8-4-4-4-12 hexadecimal digits, in small letters then; <see cref="Guid"/>'s own parser also takes signs and
    /// white space.
    /// </summary>
    /// <param name="text">Any text; null for none.</param>
    /// <param name="uuid">The UUID.</param>
    public static bool TryRead(string? text, [NotNullWhen(true)] out string? uuid)
    {
        uuid = null;
        if (text is not { Length: Length })
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        uuid = text.ToLowerInvariant();
        return true;
    }
}
