namespace SimpleTime.Functions.Diagnostics;

/// <summary>
/// A log line that is written at most once in an interval: the first time at once, the sum of what follows when the interval is over or
/// the line is disposed of. Safe for use by several threads.
/// </summary>
/// <typeparam name="TLatest">What the line tells of the latest time.</typeparam>
internal sealed class ThrottledLine<TLatest> : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Action<TLatest, long> _write;
    private readonly ITimer _timer;
    private long? _written;
    private TLatest? _latest;
    private long _count;
    private bool _isEnded;

    /// <param name="interval">The shortest time between two lines.</param>
    /// <param name="time">The clock.</param>
    /// <param name="write">Writes it: the latest of what happened, and how often it happened since the line was last written.</param>
    public ThrottledLine(TimeSpan interval, TimeProvider time, Action<TLatest, long> write)
    {
        _interval = interval;
        _time = time;
        _write = write;

        // Nobody's context: the first to write a line may be a request.
        using var withoutContext = ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static line => ((ThrottledLine<TLatest>)line!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes the line, or adds to what it holds back.</summary>
    /// <param name="latest">What happened.</param>
    /// <param name="count">How often it happened.</param>
    public void Write(TLatest latest, long count = 1)
    {
        lock (_lock)
        {
            if (_count > 0 || (!_isEnded && IsEarly()))
            {
                _latest = latest;
                _count += count;
                return;
            }

            _written = _time.GetTimestamp();
        }

        _write(latest, count);
    }

    /// <summary>Writes what is held back; from now on nothing is.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
        }

        Flush();
        _timer.Dispose();
    }

    // Starts the timer for the first that is held back.
    private bool IsEarly() =>
        _written is { } written && _interval - _time.GetElapsedTime(written) is var left && left > TimeSpan.Zero
        && _timer.Change(left, Timeout.InfiniteTimeSpan);

    private void Flush()
    {
        TLatest latest;
        long count;
        lock (_lock)
        {
            if (_count == 0)
            {
                return;
            }

            (latest, count) = (_latest!, _count);
            (_latest, _count) = (default, 0);
            _written = _time.GetTimestamp();
        }

        _write(latest, count);
    }
}
