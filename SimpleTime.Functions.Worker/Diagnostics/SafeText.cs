using System.Globalization;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>Makes text from outside fit to be shown: in log lines, answers, events and the database.</summary>
public static class SafeText
{
    /// <summary>
    /// Returns a text on one line, with a space for each character that steers a terminal or a reader's direction and for each half of a
    /// surrogate pair.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">The most UTF-16 units to keep; a surrogate pair is not cut in two.</param>
    public static string OneLine(string text, int maxLength)
    {
        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var length = Math.Min(text.Length, maxLength);
        if (length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]))
        {
            length--;
        }

        return string.Create(length, text, static (chars, source) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                var c = source[i];
                if (char.IsHighSurrogate(c) && i + 1 < chars.Length && char.IsLowSurrogate(source[i + 1]))
                {
                    chars[i] = c;
                    chars[i + 1] = source[i + 1];
                    i++;
                    continue;
                }

                chars[i] = IsPlain(c) ? c : ' ';
            }
        });
    }

    private static bool IsPlain(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
