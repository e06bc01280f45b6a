namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>Makes text from outside fit for a log line or an answer.</summary>
internal static class SafeText
{
    /// <summary>The text without control characters and lone surrogates, cut to <paramref name="maxLength"/> characters.</summary>
    public static string OneLine(string text, int maxLength)
    {
        var length = Math.Min(text.Length, maxLength);
        var first = 0;
        while (first < length && !IsUnsafe(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        return string.Create(length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsUnsafe(source[i]) ? ' ' : source[i];
            }
        });
    }

    // U+2028 and U+2029 end a line for some readers of logs.
    private static bool IsUnsafe(char c) => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029';
}
