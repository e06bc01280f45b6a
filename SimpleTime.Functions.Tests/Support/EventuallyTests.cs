using Xunit;
using Xunit.Sdk;

namespace SimpleTime.Functions.Tests.Support;

public sealed class EventuallyTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task It_asks_until_the_value_is_right()
    {
        var asked = 0;
        await Eventually.EqualsAsync(3, () => ++asked);

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task It_outlives_exceptions()
    {
        var asked = 0;
        await Eventually.BecomesTrueAsync(() => ++asked > 2 ? true : throw new IOException("away"));

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task It_returns_the_value_that_meets_the_condition()
    {
        var asked = 0;

        Assert.Equal(3, await Eventually.MeetsAsync(() => Task.FromResult(++asked), value => value > 2));
    }

    [Fact]
    public async Task A_failure_shows_the_condition_and_the_last_value()
    {
        var e = await Assert.ThrowsAsync<XunitException>(() => Eventually.EqualsAsync("a", () => "b", _short));

        Assert.Contains("() => \"b\"", e.Message, StringComparison.Ordinal);
        Assert.Contains("Expected: a", e.Message, StringComparison.Ordinal);
        Assert.Contains("Last: b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_shows_the_last_exception()
    {
        var e = await Assert.ThrowsAsync<XunitException>(
            () => Eventually.BecomesTrueAsync(bool () => throw new IOException("away"), _short));

        Assert.Contains("IOException: away", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_gives_up_a_question_that_hangs()
    {
        var never = new TaskCompletionSource<bool>();

        var e = await Assert.ThrowsAsync<XunitException>(() => Eventually.BecomesTrueAsync(() => never.Task, _short));

        Assert.Contains("no answer", e.Message, StringComparison.Ordinal);
    }
}
