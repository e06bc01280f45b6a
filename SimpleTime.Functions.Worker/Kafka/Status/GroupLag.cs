using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Asks in a loop of its own how many records of a topic a group has not committed. Its properties may be read by several threads;
/// reading them costs nothing.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="group">The group.</param>
/// <param name="client">Asks Kafka.</param>
/// <param name="time">The clock.</param>
internal sealed class GroupLag(string topic, string group, MonitorClient client, TimeProvider time)
{
    // In the place of a partition.
    private const int Coordinator = -1;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    // A broker that is busy for a moment is none that cannot be reached.
    private static readonly TimeSpan _lateAfter = TimeSpan.FromSeconds(6);

    private volatile long[]? _lags;
    private volatile MeasuredLag? _last;
    private volatile int[] _unreachable = [];
    private volatile bool _isCoordinatorAway;
    private int? _failed;
    private long _failedSince;

    /// <summary>Gets the group.</summary>
    public string Group => group;

    /// <summary>Gets how many records the group has not committed; null when it is unknown.</summary>
    public long? Total => _lags?.Sum();

    /// <summary>Gets the lag of each partition, from 0; null when it is unknown.</summary>
    public IReadOnlyList<long>? Lags => _lags;

    /// <summary>Gets the lag that Kafka told last, however long ago; null when it never did.</summary>
    public MeasuredLag? Last => _last;

    /// <summary>Gets the partition whose leader has not answered for 6 s, although the cluster does; empty when there is none.</summary>
    public IReadOnlyList<int> Unreachable => _unreachable;

    /// <summary>Gets a sentence when the group's coordinator has not answered for 6 s, although the cluster does; null when it has.</summary>
    public string? CoordinatorProblem => _isCoordinatorAway ? $"The coordinator of the group {group} does not answer" : null;

    /// <summary>Gets why the group's consumers cannot read, or not all, although the cluster answers; null while they can.</summary>
    public string? Problem =>
        CoordinatorProblem ?? (_unreachable is [var partition, ..] ? $"The leader of partition {partition} of {topic} does not answer" : null);

    /// <summary>Gets the loop that asks; null before the start.</summary>
    public BackgroundLoop? Loop { get; private set; }

    /// <summary>Starts asking.</summary>
    /// <param name="loops">Runs the loop.</param>
    /// <param name="countPartitions">Returns how many partitions the topic has; 0 while the cluster does not answer.</param>
    public void Start(BackgroundLoops loops, Func<int> countPartitions) => Loop = loops.RunOnThread("kafka-lag", _interval, stopping =>
    {
        if (countPartitions() is > 0 and var partitions)
        {
            Ask(partitions, stopping);
        }
        else
        {
            // An answer may have come after the cluster was given up.
            Forget();
        }
    });

    /// <summary>Makes the lag unknown.</summary>
    public void Forget()
    {
        _lags = null;
        NoteFailure(null);
    }

    /// <summary>Asks, for 2 s a question at the most.</summary>
    /// <param name="partitions">How many partitions the topic has.</param>
    /// <param name="stopping">Ends the questions.</param>
    public void Ask(int partitions, CancellationToken stopping)
    {
        long[]? lags = null;
        int? partition = null;
        try
        {
            lags = Measure(partitions, out partition, stopping);
            partition = null;
        }
        catch (KafkaException e)
        {
            // Kafka does not say: it is away, or a partition has no leader.
            partition = partition == Coordinator && !IsSilence(e.Error) ? null : partition;
        }
        finally
        {
            _lags = lags;
            _last = lags is null ? _last : new MeasuredLag(lags, time.GetTimestamp());
            NoteFailure(partition);
        }
    }

    /// <summary>Calculates the lag of a partition.</summary>
    /// <param name="committed">The group's committed offset; special when there is none.</param>
    /// <param name="low">The offset of the first record that there is.</param>
    /// <param name="high">The offset of the next record to come.</param>
    /// <returns>
    /// The number of records from the committed offset on; of all records when nothing is committed, when retention has removed what
    /// followed the committed offset, and when that lies behind the end because the topic was made anew.
    /// </returns>
    internal static long Of(Offset committed, long low, long high) =>
        committed.IsSpecial || committed < low || committed > high ? high - low : high - committed;

    private void NoteFailure(int? partition)
    {
        if (partition != _failed)
        {
            (_failed, _failedSince) = (partition, time.GetTimestamp());
        }

        var isLate = partition is not null && time.GetElapsedTime(_failedSince) >= _lateAfter;
        _isCoordinatorAway = isLate && partition == Coordinator;
        _unreachable = isLate && partition != Coordinator ? [partition!.Value] : [];
    }

    private static bool IsSilence(Error error) =>
        error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_WaitCoord or ErrorCode.Local_AllBrokersDown;

    private long[]? Measure(int partitions, out int? asked, CancellationToken stopping)
    {
        asked = Coordinator;
        var all = Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)).ToList();
        if (!client.TryUse(c => c.Committed(all, _timeout), out var offsets))
        {
            return null;
        }

        var lags = new long[partitions];
        foreach (var committed in offsets!)
        {
            asked = committed.Partition.Value;
            if (stopping.IsCancellationRequested
                || !client.TryUse(c => c.QueryWatermarkOffsets(committed.TopicPartition, _timeout), out var watermarks))
            {
                return null;
            }

            lags[committed.Partition.Value] = Of(committed.Offset, watermarks!.Low, watermarks.High);
        }

        return lags;
    }
}

/// <summary>How many records of a topic a group had not committed at one moment. Immutable.</summary>
/// <param name="Partitions">The number for each partition, from 0.</param>
/// <param name="At">When Kafka told it, as a timestamp of the time provider.</param>
internal sealed record MeasuredLag(IReadOnlyList<long> Partitions, long At);
