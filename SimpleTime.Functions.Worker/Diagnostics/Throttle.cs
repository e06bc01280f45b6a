namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>Lets something be told once a minute and counts what happened meanwhile. Safe for use by several threads.</summary>
internal sealed class Throttle(TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long? _last;
    private long _untold;

    /// <summary>Whether it may be told now.</summary>
    /// <param name="count">How often it happened.</param>
    /// <param name="total">How often it happened since it was last told, this time included.</param>
    public bool TryEnter(long count, out long total)
    {
        lock (_lock)
        {
            _untold += count;
            total = _untold;
            var now = time.GetTimestamp();
            if (_last is { } last && time.GetElapsedTime(last, now) < _interval)
            {
                return false;
            }

            _untold = 0;
            _last = now;
            return true;
        }
    }
}
