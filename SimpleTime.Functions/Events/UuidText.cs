using System.Diagnostics.CodeAnalysis;

namespace SimpleTime.Functions.Events;

/// <summary>UUIDs as events carry them.</summary>
internal static class UuidText
{
    /// <summary>The length of a UUID in characters.</summary>
    public const int Length = 36;

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
