using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>What others may know of a listener. Safe for use by several threads.</summary>
internal sealed class ListenerState
{
    private const int MaxReasonLength = 512;
    private volatile bool _isMember;
    private volatile string? _pausedReason;
    private long _lastPoll;

    /// <summary>Whether the consumer is a member of its group.</summary>
    public bool IsMember
    {
        get => _isMember;
        set => _isMember = value;
    }

    /// <summary>Why no records are taken now; null while they are.</summary>
    public string? PausedReason
    {
        get => _pausedReason;
        set => _pausedReason = value is null ? null : SafeText.OneLine(value, MaxReasonLength);
    }

    /// <summary>When the consumer was last polled, as a timestamp of the time provider.</summary>
    public long LastPoll
    {
        get => Volatile.Read(ref _lastPoll);
        set => Volatile.Write(ref _lastPoll, value);
    }
}
