using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Diagnostics;

/// <summary>Lines that are written once a minute, with the sum of what happened.</summary>
public sealed class ThrottledLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ThrottledLog _log;
    private readonly List<(string Latest, long Count)> _written = [];
    private readonly ThrottledLine<string> _line;
    private Exception? _logFailure;

    public ThrottledLogTests()
    {
        _log = new ThrottledLog(_time);
        _line = _log.CreateLine<string>((latest, count) =>
        {
            if (_logFailure is { } failure)
            {
                throw failure;
            }

            lock (_written)
            {
                _written.Add((latest, count));
            }
        });
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public void The_first_time_is_told_at_once()
    {
        _line.Write("first", 3);

        Assert.Equal([("first", 3)], _written);
    }

    [Fact]
    public void What_follows_within_the_minute_is_told_with_its_sum_when_the_minute_is_over()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _line.Write($"drop {i}");
        }

        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.Equal([("drop 0", 1)], _written);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([("drop 0", 1), ("drop 999", 999)], _written);
    }

    [Fact]
    public void A_line_comes_once_a_minute_at_the_most_and_none_when_there_is_nothing_to_tell()
    {
        for (var second = 0; second < 150; second++)
        {
            _line.Write("again");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([("again", 1), ("again", 59), ("again", 60)], _written);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(("again", 30), Assert.Single(_written.Skip(3)));

        _time.Advance(TimeSpan.FromHours(1));
        _line.Write("late");
        Assert.Equal(("late", 1), Assert.Single(_written.Skip(4)));
    }

    [Fact]
    public async Task What_is_not_told_yet_is_told_at_the_end_and_all_that_comes_later_at_once()
    {
        var other = _log.CreateLine<int>((latest, count) => _written.Add(($"other {latest}", count)));
        other.Write(1);
        for (var i = 0; i < 1_000; i++)
        {
            _line.Write("drop");
        }

        await _log.StopAsync(CancellationToken.None);
        Assert.Equal([("other 1", 1), ("drop", 1), ("drop", 999)], _written);

        _line.Write("late");
        _log.Dispose();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(("late", 1), Assert.Single(_written.Skip(3)));
    }

    [Fact]
    public void What_a_log_that_fails_was_not_told_is_told_with_the_next_line()
    {
        _line.Write("first");
        _line.Write("second");
        _line.Write("third");
        _logFailure = new InvalidOperationException("The log is broken.");
        _time.Advance(TimeSpan.FromMinutes(1));

        _logFailure = null;
        _line.Write("fourth");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([("first", 1), ("fourth", 3)], _written);
    }

    [Fact]
    public async Task Nothing_is_lost_or_told_twice_among_threads()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                _line.Write("again");
                if (i % 100 == 0)
                {
                    _time.Advance(TimeSpan.FromSeconds(20));
                }
            }
        })));

        _log.Dispose();
        Assert.Equal(80_000, _written.Sum(line => line.Count));
    }
}
