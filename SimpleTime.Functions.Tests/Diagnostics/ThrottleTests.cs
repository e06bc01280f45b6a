using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Diagnostics;

/// <summary>Lines that come once a minute with a count.</summary>
public sealed class ThrottleTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Throttle _throttle;

    public ThrottleTests() => _throttle = new Throttle(_time);

    [Fact]
    public void The_first_time_is_told_at_once()
    {
        Assert.True(_throttle.TryEnter(3, out var total));
        Assert.Equal(3, total);
    }

    [Fact]
    public void What_happens_within_a_minute_is_counted_for_the_next_time()
    {
        _throttle.TryEnter(1, out _);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.False(_throttle.TryEnter(2, out _));
        Assert.False(_throttle.TryEnter(3, out var untold));
        Assert.Equal(5, untold);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_throttle.TryEnter(1, out var total));
        Assert.Equal(6, total);

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(_throttle.TryEnter(1, out total));
        Assert.Equal(1, total);
    }

    [Fact]
    public async Task Nothing_is_lost_or_told_twice_among_threads()
    {
        var told = 0L;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (_throttle.TryEnter(1, out var total))
                {
                    Interlocked.Add(ref told, total);
                }

                if (i % 100 == 0)
                {
                    _time.Advance(TimeSpan.FromSeconds(20));
                }
            }
        })));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_throttle.TryEnter(1, out var last));
        Assert.Equal(80_001, told + last);
    }
}
