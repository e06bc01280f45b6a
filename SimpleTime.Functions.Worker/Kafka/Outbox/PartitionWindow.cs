namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// How many messages are on their way to a partition, and how many may be: few at first, more with each acknowledgement. Its members need
/// the outbox's lock; times are timestamps of the time provider.
/// </summary>
/// <param name="id">The partition; -1 for whichever the client chooses.</param>
internal sealed class PartitionWindow(int id)
{
    private const int FirstLimit = 128;

    // Far more than a client has, so that the number does not overflow after months.
    private const int LargestLimit = 10_000_000;

    private static readonly TimeSpan _firstProbeDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestProbeDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _closedTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longStuck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _stuckAfter = TimeSpan.FromSeconds(2);

    private int _limit = FirstLimit;
    private long? _unacknowledgedSince;
    private long _probeAt;
    private long _stuckAt;
    private long _closedUntil = long.MinValue;
    private TimeSpan _probeDelay;

    public int Id { get; } = id;

    /// <summary>Gets or sets whether Kafka names a leader for it.</summary>
    public bool HasLeader { get; set; } = true;

    /// <summary>Gets how many messages are on their way.</summary>
    public int Sending { get; private set; }

    /// <summary>Gets whether it acknowledged nothing for 2 s while messages were on their way; it stays so until an acknowledgement.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Returns whether it may get a message from the main client.</summary>
    /// <param name="most">The most messages for a partition.</param>
    /// <param name="now">Now.</param>
    public bool IsOpen(int most, long now) => HasLeader && !IsStuck && Sending < Math.Min(_limit, most) && now >= _closedUntil;

    /// <summary>Keeps messages from it for a second, as from a partition that the client does not know yet.</summary>
    public void Close(TimeProvider time, long now) => _closedUntil = time.Add(now, _closedTime);

    /// <summary>Returns whether it has been stuck for so long that its cluster would be known to be away.</summary>
    public bool IsLongStuck(TimeProvider time, long now) => HasLeader && IsStuck && time.GetElapsedTime(_stuckAt, now) >= _longStuck;

    /// <summary>Returns whether it is time to try a stuck partition with one message.</summary>
    public bool IsProbeDue(long now) => HasLeader && IsStuck && now >= _probeAt;

    /// <summary>Looks whether it is stuck.</summary>
    public void Check(TimeProvider time, long now)
    {
        if (!IsStuck && _unacknowledgedSince is { } since && time.GetElapsedTime(since, now) >= _stuckAfter)
        {
            Stick(time, now);
        }
    }

    /// <summary>Counts a message that a client got.</summary>
    public void Sent(TimeProvider time, long now)
    {
        Sending++;
        _unacknowledgedSince ??= now;
        if (IsStuck)
        {
            _probeDelay = TimeSpan.FromTicks(Math.Min(_probeDelay.Ticks * 2, _longestProbeDelay.Ticks));
            _probeAt = time.Add(now, _probeDelay);
        }
    }

    /// <summary>Counts a message that Kafka acknowledged.</summary>
    public void Acknowledged(long now)
    {
        Sending--;
        IsStuck = false;
        _limit = Math.Min(_limit + 1, LargestLimit);
        _unacknowledgedSince = Sending > 0 ? now : null;
    }

    /// <summary>Counts a message that a client gave up.</summary>
    public void Returned()
    {
        Sending--;
        if (Sending == 0 && !IsStuck)
        {
            _unacknowledgedSince = null;
        }
    }

    private void Stick(TimeProvider time, long now)
    {
        if (!IsStuck)
        {
            IsStuck = true;
            _stuckAt = now;
            _limit = FirstLimit;
            _probeDelay = _firstProbeDelay;
            _probeAt = time.Add(now, _probeDelay);
        }
    }
}
