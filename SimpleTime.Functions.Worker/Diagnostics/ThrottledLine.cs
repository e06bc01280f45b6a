namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>
/// A log line that is written at most once a minute: the first time at once, the sum of what follows when the minute is over or the
/// process ends. Made by <see cref="ThrottledLog.CreateLine"/>. Safe for use by several threads.
/// </summary>
/// <typeparam name="TLatest">What the line tells of the latest time.</typeparam>
public sealed class ThrottledLine<TLatest>
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly ThrottledLog _log;
    private readonly TimeProvider _time;
    private readonly Action<TLatest, long> _write;
    private readonly Action _flush;
    private readonly ITimer _timer;
    private long? _written;
    private bool _isHeldBack;
    private TLatest? _latest;
    private long _count;

    internal ThrottledLine(ThrottledLog log, TimeProvider time, Action<TLatest, long> write)
    {
        _log = log;
        _time = time;
        _write = write;
        _flush = Flush;

        // Nobody's context: the first to write a line may be a request. It is not running while nothing is held back.
        using var withoutContext = ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static line => ((ThrottledLine<TLatest>)line!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes the line, or adds to what it holds back. Allocates nothing.</summary>
    /// <param name="latest">What happened; not read before the line is written.</param>
    /// <param name="count">How often it happened.</param>
    public void Write(TLatest latest, long count = 1)
    {
        lock (_lock)
        {
            var left = _isHeldBack || _written is not { } written ? TimeSpan.Zero : _interval - _time.GetElapsedTime(written);
            if ((_isHeldBack || left > TimeSpan.Zero) && TryHoldBack(latest, count, left))
            {
                return;
            }

            _written = _time.GetTimestamp();
        }

        _write(latest, count);
    }

    // Its caller has the lock.
    private bool TryHoldBack(TLatest latest, long count, TimeSpan left)
    {
        if (!_isHeldBack)
        {
            if (!_log.TryHoldBack(_flush))
            {
                return false;
            }

            _isHeldBack = true;
            _timer.Change(left, Timeout.InfiniteTimeSpan);
        }

        _latest = latest;
        _count += count;
        return true;
    }

    private void Flush()
    {
        TLatest latest;
        long count;
        lock (_lock)
        {
            if (!_isHeldBack)
            {
                return;
            }

            (latest, count) = (_latest!, _count);
            (_latest, _count, _isHeldBack) = (default, 0, false);
            _written = _time.GetTimestamp();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _log.Forget(_flush);
        }

        try
        {
            _write(latest, count);
        }
#pragma warning disable CA1031 // On a timer's thread, what a log provider throws would end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It is not told yet: the next line counts it.
            lock (_lock)
            {
                TryHoldBack(latest, count, _interval);
            }
        }
    }
}
