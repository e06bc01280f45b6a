using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Holds what others may know of a listener. Safe for use by several threads.</summary>
internal sealed class ListenerState
{
    private const int MaxReasonLength = 512;

    private static readonly int _causes = Enum.GetValues<PauseCause>().Length;

    private readonly string?[] _reasons = new string?[_causes];
    private volatile bool _isMember;
    private volatile string? _topicId;
    private volatile BackgroundLoop? _commitLoop;
    private long _lastPoll;

    /// <summary>Gets or sets whether the consumer is a member of its group. A consumer that failed or is kept out of the group is none.</summary>
    public bool IsMember
    {
        get => _isMember && Reason(PauseCause.Consumer) is null && Reason(PauseCause.Group) is null;
        set => _isMember = value;
    }

    /// <summary>Gets why records are not taken now, or only some of them; null while all are.</summary>
    public string? PausedReason
    {
        get
        {
            for (var cause = 0; cause < _causes; cause++)
            {
                if (Reason((PauseCause)cause) is { } reason)
                {
                    return reason;
                }
            }

            return null;
        }
    }

    /// <summary>Gets or sets when the consumer was last polled, as a timestamp of the time provider.</summary>
    public long LastPoll
    {
        get => Volatile.Read(ref _lastPoll);
        set => Volatile.Write(ref _lastPoll, value);
    }

    /// <summary>Gets or sets the id of the topic that was last read; null while it is not known.</summary>
    public string? TopicId
    {
        get => _topicId;
        set => _topicId = value;
    }

    /// <summary>Gets or sets the loop that commits offsets; null before there is a consumer.</summary>
    public BackgroundLoop? CommitLoop
    {
        get => _commitLoop;
        set => _commitLoop = value;
    }

    /// <summary>Returns the reason of one cause; null when it does not hold.</summary>
    public string? Reason(PauseCause cause) => Volatile.Read(ref _reasons[(int)cause]);

    /// <summary>Says that no cause holds, since there is a new consumer.</summary>
    public void Clear()
    {
        for (var cause = 0; cause < _causes; cause++)
        {
            Set((PauseCause)cause, null);
        }
    }

    /// <summary>Sets the reason of one cause.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="reason">The reason, of which 512 characters are kept; null when the cause does not hold any more.</param>
    public void Set(PauseCause cause, string? reason) =>
        Volatile.Write(ref _reasons[(int)cause], reason is null ? null : SafeText.OneLine(reason, MaxReasonLength));
}
