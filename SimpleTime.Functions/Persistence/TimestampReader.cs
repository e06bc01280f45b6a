using System.Globalization;

namespace SimpleTime.Functions.Persistence;

/// <summary>
/// Reads a date and time with its offset from UTC: RFC 3339, and of ISO 8601 the basic form, a comma in place of the point, offsets of
/// hours alone or without a colon, times without seconds, and <c>24:00:00</c>. A second of 60 is the next second.
/// </summary>
internal ref struct TimestampReader
{
    private const int MaxTickDigits = 7;

    private ReadOnlySpan<char> _rest;

    private TimestampReader(ReadOnlySpan<char> text) => _rest = text;

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text, of any length.</param>
    /// <param name="time">The time in UTC; what is finer than 100 ns is cut off.</param>
    /// <returns><see langword="false"/> when it is no such text, or a time that <see cref="DateTimeOffset"/> cannot hold.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out DateTimeOffset time) => new TimestampReader(text).TryRead(out time);

    private bool TryRead(out DateTimeOffset time)
    {
        time = default;
        var isExtended = _rest.Length > 4 && _rest[4] == '-';
        if (!TryReadDate(isExtended, out var date) || !(Take('T') || Take('t')) || !TryReadClock(isExtended, out var clock) ||
            !TryReadOffset(out var offset) || !_rest.IsEmpty)
        {
            return false;
        }

        var ticks = date.Ticks + clock.Ticks - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private bool TryReadDate(bool isExtended, out DateTime date)
    {
        date = default;
        if (!TryReadNumber(4, out var year) || !TakeSeparator('-', isExtended) ||
            !TryReadNumber(2, out var month) || !TakeSeparator('-', isExtended) ||
            !TryReadNumber(2, out var day) ||
            year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateTime(year, month, day);
        return true;
    }

    private bool TryReadClock(bool isExtended, out TimeSpan clock)
    {
        clock = default;
        if (!TryReadNumber(2, out var hour) || !TakeSeparator(':', isExtended) || !TryReadNumber(2, out var minute))
        {
            return false;
        }

        var second = 0;
        var fraction = 0;
        var hasSeconds = isExtended ? Take(':') : !_rest.IsEmpty && char.IsAsciiDigit(_rest[0]);
        if (hasSeconds && (!TryReadNumber(2, out second) || !TryReadFraction(out fraction)))
        {
            return false;
        }

        clock = new TimeSpan(hour, minute, second) + new TimeSpan(fraction);
        return minute < 60 && second <= 60 && (hour < 24 || clock == TimeSpan.FromDays(1));
    }

    private bool TryReadFraction(out int ticks)
    {
        ticks = 0;
        if (!Take('.') && !Take(','))
        {
            return true;
        }

        var end = _rest.IndexOfAnyExceptInRange('0', '9');
        var digits = _rest[..(end < 0 ? _rest.Length : end)];
        _rest = _rest[digits.Length..];
        for (var i = 0; i < MaxTickDigits; i++)
        {
            ticks = (ticks * 10) + (i < digits.Length ? digits[i] - '0' : 0);
        }

        return !digits.IsEmpty;
    }

    private bool TryReadOffset(out TimeSpan offset)
    {
        offset = default;
        if (Take('Z') || Take('z'))
        {
            return true;
        }

        var isNegative = Take('-');
        if ((!isNegative && !Take('+')) || !TryReadNumber(2, out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (!_rest.IsEmpty)
        {
            Take(':');
            if (!TryReadNumber(2, out minutes))
            {
                return false;
            }
        }

        offset = new TimeSpan(hours, minutes, 0) * (isNegative ? -1 : 1);
        return hours < 24 && minutes < 60;
    }

    private bool TryReadNumber(int digits, out int number)
    {
        number = 0;
        if (_rest.Length < digits || _rest[..digits].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        number = int.Parse(_rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        _rest = _rest[digits..];
        return true;
    }

    private bool TakeSeparator(char separator, bool isExtended) => !isExtended || Take(separator);

    private bool Take(char character)
    {
        if (_rest.IsEmpty || _rest[0] != character)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }
}
