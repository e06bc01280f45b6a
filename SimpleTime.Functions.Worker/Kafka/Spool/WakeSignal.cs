namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>Wakes one thread, which waits until something happens or a time comes. <see cref="Set"/> is for any thread.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _event = new(false);
    private readonly ITimer? _timer;
    private int _isSet;

    public WakeSignal(TimeProvider time)
    {
        _time = time;

        // The system's timers need a free thread of the pool; a wait with a timeout does not.
        _timer = time == TimeProvider.System
            ? null
            : time.CreateTimer(static state => ((WakeSignal)state!).Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the wait that is going on, else the next.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            _event.Set();
        }
    }

    /// <summary>The timestamp that is <paramref name="delay"/> from now.</summary>
    public long After(TimeSpan delay) => _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Whether a timestamp has come; null never does.</summary>
    public bool HasCome(long? timestamp) => timestamp <= _time.GetTimestamp();

    /// <summary>Blocks until <see cref="Set"/> was called since the last wait ended, or a timestamp has come.</summary>
    public void WaitUntil(long timestamp)
    {
        var delay = _time.GetElapsedTime(_time.GetTimestamp(), timestamp);
        if (delay > TimeSpan.Zero)
        {
            // Both count whole milliseconds, and must not be early.
            var milliseconds = (int)Math.Min(Math.Ceiling(delay.TotalMilliseconds), int.MaxValue);
            _timer?.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
            _event.WaitOne(_timer is null ? milliseconds : Timeout.Infinite);
            Volatile.Write(ref _isSet, 0);
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Ends the timer. A late <see cref="Set"/> does nothing, so that the event is left to the collector.</summary>
    public void Dispose() => _timer?.Dispose();
}
