using System.Globalization;
using SimpleTime.Functions.Events;
using Xunit;

namespace SimpleTime.Functions.Tests.Events;

public sealed class UuidTextTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00.1234567Z", "019ca945-0a7b-")]
    [InlineData("1970-01-01T00:00:00Z", "00000000-0000-")]
    [InlineData("1969-12-31T23:59:59Z", "00000000-0000-")]
    [InlineData("0001-01-01T00:00:00Z", "00000000-0000-")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "e677d21f-dbff-")]
    public void It_begins_with_the_time_in_milliseconds_since_1970(string time, string start)
    {
        var text = UuidText.Create(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture));

        Assert.StartsWith(start, text, StringComparison.Ordinal);
        Assert.True(UuidText.TryRead(text, out var read));
        Assert.Equal(text, read);
        var uuid = Guid.ParseExact(text, "D");
        Assert.Equal(7, uuid.Version);
        Assert.InRange(uuid.Variant, 8, 11);
    }

    [Fact]
    public void All_of_one_millisecond_differ_in_each_of_their_random_digits_whichever_thread_makes_them()
    {
        const int Count = 2_000;
        var texts = new string[8][];

        var threads = Enumerable.Range(0, texts.Length).Select(i => new Thread(
            () => texts[i] = [.. Enumerable.Range(0, Count).Select(_ => UuidText.Create(DateTimeOffset.UnixEpoch))])).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var all = texts.SelectMany(some => some).ToArray();
        Assert.Equal(texts.Length * Count, all.Distinct().Count());
        for (var digit = 15; digit < UuidText.Length; digit++)
        {
            // The first one of the second group of random digits has two bits of the variant.
            var expected = digit is 18 or 23 ? 1 : digit == 19 ? 4 : 16;
            Assert.Equal(expected, all.Select(text => text[digit]).Distinct().Count());
        }
    }
}
