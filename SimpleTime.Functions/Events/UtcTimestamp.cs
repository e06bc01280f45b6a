using System.Globalization;

namespace SimpleTime.Functions.Events;

/// <summary>The one way that the service writes a time: <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>.</summary>
internal static class UtcTimestamp
{
    private const int Length = 27;

    /// <summary>Returns the time in UTC; what is finer than a microsecond is cut off.</summary>
    /// <param name="time">The time.</param>
    public static string Format(DateTimeOffset time) => string.Create(Length, time.UtcDateTime, static (chars, utc) =>
    {
        // "O" has a formatter of its own, far faster than a custom format; it writes one digit more.
        Span<char> roundTrip = stackalloc char[Length + 1];
        utc.TryFormat(roundTrip, out _, "O", CultureInfo.InvariantCulture);
        roundTrip[..^2].CopyTo(chars);
        chars[^1] = 'Z';
    });
}
