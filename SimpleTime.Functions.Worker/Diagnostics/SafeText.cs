using System.Text;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>Makes text from outside fit for a log line or an answer.</summary>
internal static class SafeText
{
    /// <summary>
    /// The text without control characters, line separators and halves of surrogate pairs, cut to
    /// <paramref name="maxLength"/> characters.
    /// </summary>
    public static string OneLine(string text, int maxLength)
    {
        var first = 0;
        while (first < text.Length && first < maxLength && IsPlain(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var safe = new StringBuilder(text, 0, first, Math.Min(text.Length, maxLength));
        foreach (var rune in text.AsSpan(first).EnumerateRunes())
        {
            if (safe.Length + rune.Utf16SequenceLength > maxLength)
            {
                break;
            }

            safe.Append(Rune.IsControl(rune) || rune == Rune.ReplacementChar || rune.Value is 0x2028 or 0x2029 ? " " : rune.ToString());
        }

        return safe.ToString();
    }

    private static bool IsPlain(char c) => c is >= ' ' and < '\u007f';
}
