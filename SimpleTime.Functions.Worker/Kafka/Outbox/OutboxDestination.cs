using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// A topic that messages go to, with those that are in memory. What its members change needs the lock of the <see cref="Outbox"/>; times
/// are timestamps of the time provider.
/// </summary>
/// <param name="brokerSetting">The brokers as the output's attribute names them: the setting may change from one start to the next.</param>
/// <param name="topic">The topic.</param>
/// <param name="producer">The clients.</param>
/// <param name="monitor">Tells the partitions with a leader; null for a topic that no function names any more.</param>
/// <param name="onReport">Told how the delivery of a message ended, on a client's thread. Needs no lock.</param>
/// <param name="time">The clock.</param>
internal sealed class OutboxDestination(
    string brokerSetting, string topic, OutboxProducer producer, TopicMonitor? monitor, Action<OutboxMessage, Error> onReport, TimeProvider time)
{
    private static readonly IReadOnlyList<int> _anyPartition = [-1];
    private static readonly TimeSpan _firstProbeDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestProbeDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _late = TimeSpan.FromSeconds(8);

    private const int MaxRefusals = 10;
    private const int FirstRetrySeconds = 5;
    private const int LongestRetrySeconds = 600;

    private static readonly TimeSpan _refusalTime = TimeSpan.FromHours(1);

    private TimeSpan _probeDelay;
    private long _probeAt;
    private long? _unacknowledgedSince;
    private bool _takesBacklog;

    /// <summary>Gets what is told how the delivery of a message ended.</summary>
    public Action<OutboxMessage, Error> OnReport { get; } = onReport;

    public string BrokerSetting { get; } = brokerSetting;

    public string Topic { get; } = topic;

    public OutboxProducer Producer { get; } = producer;

    public TopicMonitor? Monitor { get; } = monitor;

    public PartitionWindows Windows { get; } = new(TimeSpan.FromMilliseconds(producer.Profile.LingerMs), producer.MaxMessages, time);

    /// <summary>Gets the waiting messages that no backlog file has, oldest first.</summary>
    public LinkedList<OutboxMessage> Fresh { get; } = [];

    /// <summary>Gets the waiting messages that were read from a backlog file.</summary>
    public LinkedList<OutboxMessage> Backlog { get; } = [];

    /// <summary>Gets those that were in a batch that Kafka refused, and were not tried alone yet.</summary>
    public LinkedList<OutboxMessage> Suspects { get; } = [];

    /// <summary>Gets those that Kafka refused alone.</summary>
    public LinkedList<OutboxMessage> Refused { get; } = [];

    /// <summary>Gets those that a client has.</summary>
    public LinkedList<OutboxMessage> Sending { get; } = [];

    /// <summary>Gets those that a file should have and none has, oldest first.</summary>
    public LinkedList<OutboxMessage> Unwritten { get; } = [];

    /// <summary>Gets or sets how many messages are accepted and not acknowledged, in memory and in files.</summary>
    public long Pending { get; set; }

    /// <summary>Gets or sets the bytes of the values that wait in memory, without those of backlog files.</summary>
    public long WaitingBytes { get; set; }

    /// <summary>Gets or sets the bytes of the values in <see cref="Backlog"/>.</summary>
    public long BacklogBytes { get; set; }

    /// <summary>Gets how many messages are on their way in batches of their own.</summary>
    public int SingleCount { get; private set; }

    /// <summary>Gets why Kafka takes no messages for it; null while it does, as far as is known.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Gets when Kafka acknowledged a message last; null when it never did.</summary>
    public long? AcknowledgedAt { get; private set; }

    /// <summary>Gets whether a stuck partition is to be tried with the next message.</summary>
    public bool WantsProbe { get; private set; }

    /// <summary>Gets whether Kafka takes messages for it, as far as is known.</summary>
    public bool IsOpen => Refusal is null && Windows.HasLeader;

    /// <summary>Gets whether it is refused and no message of a file is there to try it with.</summary>
    public bool NeedsProbe => Refusal is not null && Windows.HasLeader && Backlog.Count + Suspects.Count + SingleCount == 0;

    /// <summary>Notes which partitions have a leader, and which do not acknowledge.</summary>
    public void Update(long now)
    {
        Windows.Update(Monitor is null ? _anyPartition : Monitor.Leaders);
        Windows.Check(now);
        WantsProbe = Windows.ChooseStuck(now) is not null;
    }

    /// <summary>Returns whether a message was handed over and nothing was acknowledged for 8 s.</summary>
    public bool IsLate(long now) => _unacknowledgedSince is { } since && time.GetElapsedTime(since, now) > _late;

    /// <summary>Returns whether it is time to try it with a message, although it is refused.</summary>
    public bool IsProbeDue(long now) => Refusal is not null && Windows.HasLeader && now >= _probeAt;

    /// <summary>Counts a message that a client got.</summary>
    public void Sent(OutboxMessage message, long now)
    {
        SingleCount += message.Client == Producer.Main ? 0 : 1;
        _unacknowledgedSince ??= now;
        if (Refusal is not null)
        {
            _probeDelay = TimeSpan.FromTicks(Math.Min(_probeDelay.Ticks * 2, _longestProbeDelay.Ticks));
            _probeAt = time.Add(now, _probeDelay);
        }
    }

    /// <summary>Counts a message that its client is done with.</summary>
    public void Ended(OutboxMessage message) => SingleCount -= message.Client == Producer.Main ? 0 : 1;

    /// <summary>Notes that Kafka acknowledged a message: it takes others, too.</summary>
    public void Acknowledged(long now)
    {
        AcknowledgedAt = now;
        if (Refusal is not null)
        {
            Refusal = null;
            foreach (var message in Refused)
            {
                message.NextTryAt = now;
            }
        }

        _unacknowledgedSince = Sending.Count > 0 ? now : null;
    }

    /// <summary>Has it tried with one message at a time, at growing intervals, until Kafka takes one.</summary>
    public void Refuse(string reason, long now)
    {
        if (Refusal is null)
        {
            _probeDelay = _firstProbeDelay;
            _probeAt = time.Add(now, _probeDelay);
        }

        Refusal = reason;
    }

    /// <summary>
    /// Notes that Kafka refused a message in a batch of its own. It is tried again after a while; where Kafka took no other one since, it is
    /// the destination that is refused.
    /// </summary>
    /// <returns>Whether it is refused for good: 10 times over an hour, while Kafka took others, also since the last time.</returns>
    public bool IsRefusedForGood(OutboxMessage message, string reason, long now)
    {
        if (message.Refusals++ == 0)
        {
            message.FirstRefusedAt = now;
        }

        var isLastAmongOthers = AcknowledgedAt > message.LastRefusedAt;
        message.LastRefusedAt = now;
        message.RefusalReason = reason;
        message.NextTryAt = time.Add(now, TimeSpan.FromSeconds(Math.Min(FirstRetrySeconds << Math.Min(message.Refusals - 1, 10), LongestRetrySeconds)));
        var takesOthers = AcknowledgedAt > message.FirstRefusedAt;
        if (!takesOthers && !(AcknowledgedAt is { } last && time.GetElapsedTime(last, now) < _late))
        {
            Refuse(reason, now);
        }

        return takesOthers && isLastAmongOthers && message.Refusals >= MaxRefusals && time.GetElapsedTime(message.FirstRefusedAt, now) >= _refusalTime;
    }

    /// <summary>Notes that a message was refused for good: no acknowledgement comes when nothing else is there that one could come for.</summary>
    public void RefusedForGood()
    {
        if (Refusal is null && Fresh.Count + Backlog.Count + Suspects.Count + Refused.Count + Sending.Count == 0)
        {
            _unacknowledgedSince = null;
        }
    }

    /// <summary>Returns the newest messages that no file has.</summary>
    /// <param name="count">How many at least.</param>
    /// <param name="bytes">How many bytes of values at least.</param>
    /// <returns>Null when there are too few.</returns>
    public List<OutboxMessage>? FindNewestInMemory(int count, long bytes)
    {
        var found = new List<OutboxMessage>();
        for (var place = Fresh.Last; place is not null && (count > 0 || bytes > 0); place = place.Previous)
        {
            if (place.Value is { File: null } message)
            {
                found.Add(message);
                count--;
                bytes -= message.Value.Length;
            }
        }

        return count > 0 || bytes > 0 ? null : found;
    }

    /// <summary>Returns the list in which a message waits to be sent again.</summary>
    public LinkedList<OutboxMessage> HomeOf(OutboxMessage message) => message.Refusals > 0 ? Refused : message.IsLoaded ? Backlog : Fresh;

    /// <summary>Returns the next message to send in a batch of its own; null when there is none, or it is not its turn yet.</summary>
    public OutboxMessage? NextSuspect(long now) =>
        Suspects.First?.Value ?? (Refused.First?.Value is { } refused && refused.NextTryAt <= now ? refused : null);

    /// <summary>Returns the next message to send; fresh ones and those of files take turns while both wait.</summary>
    public OutboxMessage? NextWaiting()
    {
        _takesBacklog = !_takesBacklog;
        var (first, second) = _takesBacklog ? (Backlog, Fresh) : (Fresh, Backlog);
        return (first.First ?? second.First)?.Value;
    }

    /// <summary>Returns the next message to try alone: another one each time, but for those that Kafka refused before when they are many.</summary>
    public OutboxMessage? NextProbe(int mostRefused) =>
        Suspects.First?.Value ?? (Refused.Count < mostRefused ? NextWaiting() : null) ?? Refused.First?.Value;
}
