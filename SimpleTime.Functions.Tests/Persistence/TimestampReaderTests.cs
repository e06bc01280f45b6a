using SimpleTime.Functions.Events;
using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class TimestampReaderTests
{
    [Theory]
    [InlineData("2026-03-01T11:00:43Z", "2026-03-01T11:00:43.000000Z")]
    [InlineData("2026-03-01t11:00:43z", "2026-03-01T11:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43.5Z", "2026-03-01T11:00:43.500000Z")]
    [InlineData("2026-03-01T11:00:43,5Z", "2026-03-01T11:00:43.500000Z")]
    [InlineData("2026-03-01T11:00:43.123456789012345678901234567890Z", "2026-03-01T11:00:43.123456Z")]
    [InlineData("2026-03-01T11:00:43.0000009Z", "2026-03-01T11:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43+02:00", "2026-03-01T09:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43+0200", "2026-03-01T09:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43+02", "2026-03-01T09:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43-0930", "2026-03-01T20:30:43.000000Z")]
    [InlineData("2026-03-01T11:00:43-00:00", "2026-03-01T11:00:43.000000Z")]
    [InlineData("2026-03-01T11:00:43+23:59", "2026-02-28T11:01:43.000000Z")]
    [InlineData("2026-03-01T11:00Z", "2026-03-01T11:00:00.000000Z")]
    [InlineData("2026-03-01T11:00+01", "2026-03-01T10:00:00.000000Z")]
    [InlineData("20260301T110043Z", "2026-03-01T11:00:43.000000Z")]
    [InlineData("20260301T110043,5+0100", "2026-03-01T10:00:43.500000Z")]
    [InlineData("20260301T110043.25-01:30", "2026-03-01T12:30:43.250000Z")]
    [InlineData("20260301T1100Z", "2026-03-01T11:00:00.000000Z")]
    [InlineData("20260301t1100z", "2026-03-01T11:00:00.000000Z")]
    [InlineData("2026-03-01T24:00:00Z", "2026-03-02T00:00:00.000000Z")]
    [InlineData("2026-12-31T24:00Z", "2027-01-01T00:00:00.000000Z")]
    [InlineData("20260301T240000.0Z", "2026-03-02T00:00:00.000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z")]
    [InlineData("2017-01-01T08:59:60.25+09:00", "2017-01-01T00:00:00.250000Z")]
    [InlineData("20161231T235960Z", "2017-01-01T00:00:00.000000Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z")]
    public void A_time_is_read(string text, string time)
    {
        Assert.True(TimestampReader.TryRead(text, out var read));
        Assert.Equal(time, UtcTimestamp.Format(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("T")]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T11:00:43")]
    [InlineData("20260301T110043")]
    [InlineData("2026-03-01T11:00:43.Z")]
    [InlineData("2026-03-01T11:00:43,+01:00")]
    [InlineData("2026-03-01T11:00.5Z")]
    [InlineData("2026-03-01T11Z")]
    [InlineData("2026-W09-7T11:00:43Z")]
    [InlineData("2026W097T110043Z")]
    [InlineData("2026-060T11:00:43Z")]
    [InlineData("2026060T110043Z")]
    [InlineData("2026-03-01 11:00:43Z")]
    [InlineData("2026-03-01T110043Z")]
    [InlineData("20260301T11:00:43Z")]
    [InlineData("2026-0301T11:00:43Z")]
    [InlineData("202603-01T11:00:43Z")]
    [InlineData("2026-03-01T11:0043Z")]
    [InlineData("2026-02-29T11:00:43Z")]
    [InlineData("2026-00-01T11:00:43Z")]
    [InlineData("2026-13-01T11:00:43Z")]
    [InlineData("2026-03-00T11:00:43Z")]
    [InlineData("2026-03-01T25:00:00Z")]
    [InlineData("2026-03-01T24:00:01Z")]
    [InlineData("2026-03-01T24:00:00.1Z")]
    [InlineData("2026-03-01T24:01Z")]
    [InlineData("2026-03-01T11:60:43Z")]
    [InlineData("2026-03-01T11:00:61Z")]
    [InlineData("2026-03-01T11:00:43+24:00")]
    [InlineData("2026-03-01T11:00:43+01:60")]
    [InlineData("2026-03-01T11:00:43+1")]
    [InlineData("2026-03-01T11:00:43+01:")]
    [InlineData("2026-03-01T11:00:43+010")]
    [InlineData("2026-03-01T11:00:43 Z")]
    [InlineData("2026-03-01T11:00:43ZZ")]
    [InlineData(" 2026-03-01T11:00:43Z")]
    [InlineData("2026-03-01T11:00:43Z ")]
    [InlineData("+2026-03-01T11:00:43Z")]
    [InlineData("-2026-03-01T11:00:43Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:60Z")]
    [InlineData("9999-12-31T24:00:00Z")]
    [InlineData("٢٠٢٦-03-01T11:00:43Z")]
    [InlineData("2026-03-01T11:00:43−01:00")]
    public void What_is_no_such_time_is_refused(string text) => Assert.False(TimestampReader.TryRead(text, out _));

    [Fact]
    public void Text_from_outside_is_never_thrown_at()
    {
        var random = new Random(14);
        const string Characters = "0123456789-:.,TtZz+ W";
        for (var i = 0; i < 100_000; i++)
        {
            var text = string.Create(random.Next(40), random, static (chars, random) => random.GetItems(Characters, chars));
            _ = TimestampReader.TryRead(text, out _);
        }
    }
}
