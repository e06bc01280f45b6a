using System.Diagnostics;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Commits offsets, one request at a time, apart from the thread that polls: the client's commit waits for Kafka's answer without a
/// time-out. What Kafka does not take is tried again until the partition is forgotten. Safe for use by several threads.
/// </summary>
/// <param name="context">The listener; told while commits fail.</param>
/// <param name="commit">Commits and waits for the answer.</param>
/// <param name="telemetry">Told of each answer.</param>
internal sealed class OffsetCommitter(ListenerContext context, Action<IReadOnlyCollection<TopicPartitionOffset>> commit, ConsumerTelemetry telemetry)
{
    // A rebalance refuses commits for a moment.
    private static readonly TimeSpan _tellAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly Dictionary<TopicPartition, Offset> _pending = [];
    private readonly Dictionary<TopicPartition, Offset> _committed = [];
    private readonly HashSet<TopicPartition> _forgotten = [];
    private readonly TimeProvider _time = context.Time;
    private List<ActivityLink> _polls = [];
    private BackgroundLoop? _loop;
    private long _since;
    private bool _isBusy;
    private bool _isHurried;
    private long? _failingSince;
    private int _failuresInRow;

    /// <summary>Gives an offset of each partition to be committed; it replaces one that was given before, a higher one too.</summary>
    /// <param name="offsets">The offsets.</param>
    /// <param name="poll">The span of the poll of the batch that they end; the default when there is none.</param>
    public void Commit(IReadOnlyCollection<TopicPartitionOffset> offsets, ActivityContext poll = default)
    {
        lock (_lock)
        {
            // A span that nobody recorded is nowhere to be found.
            if (poll.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) && _polls.Count < InvocationBatch.MaxLinks)
            {
                _polls.Add(new ActivityLink(poll));
            }

            foreach (var offset in offsets)
            {
                if (_committed.TryGetValue(offset.TopicPartition, out var committed) && committed == offset.Offset && !_isBusy)
                {
                    _pending.Remove(offset.TopicPartition);
                    continue;
                }

                _since = _pending.Count == 0 ? _time.GetTimestamp() : _since;
                _pending[offset.TopicPartition] = offset.Offset;
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Forgets partitions that this consumer has no longer.</summary>
    public void Forget(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                _pending.Remove(partition);
                _committed.Remove(partition);
                _forgotten.Add(partition);
            }
        }
    }

    /// <summary>Waits until everything is committed.</summary>
    /// <param name="timeout">How long at the most.</param>
    /// <returns>False when the time ran out.</returns>
    public bool Flush(TimeSpan timeout)
    {
        var since = _time.GetTimestamp();
        lock (_lock)
        {
            _isHurried = true;
            Monitor.PulseAll(_lock);
            while (_isBusy || _pending.Count > 0)
            {
                var left = timeout - _time.GetElapsedTime(since);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lock, left))
                {
                    break;
                }
            }

            _isHurried = false;
            return !_isBusy && _pending.Count == 0;
        }
    }

    /// <summary>Starts to commit.</summary>
    public void Start()
    {
        _loop = context.Loops.RunOnThread($"kafka-commit-{context.Options.Function}", TimeSpan.Zero, CommitNext);
        context.State.CommitLoop = _loop;
    }

    /// <summary>Commits no more.</summary>
    /// <returns>False when a request is still under way after a second.</returns>
    public bool Stop()
    {
        _loop?.StopAsync(_stopTime).Wait(_stopTime * 2);
        return _loop?.HasEnded != false;
    }

    // Waits for offsets, then for the commit interval to be over.
    private void CommitNext(CancellationToken stopping)
    {
        using var registration = stopping.Register(Wake);
        if (Take(stopping, out var since, out var polls) is not { } offsets)
        {
            return;
        }

        Error? error = null;
        var isCommitted = false;
        try
        {
            commit(offsets);
            isCommitted = true;
        }
        catch (KafkaException e)
        {
            error = e.Error;
        }
        finally
        {
            Return(offsets, polls, since, isCommitted);
        }

        telemetry.Committed(offsets, polls, since, error?.Code);
        Tell(error);
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private List<TopicPartitionOffset>? Take(CancellationToken stopping, out long since, out List<ActivityLink> polls)
    {
        var last = _time.GetTimestamp();
        lock (_lock)
        {
            var delay = Delay();
            while (!stopping.IsCancellationRequested)
            {
                var left = _pending.Count == 0 ? Timeout.InfiniteTimeSpan : delay - _time.GetElapsedTime(last);
                if (_pending.Count > 0 && (left <= TimeSpan.Zero || (_isHurried && _failuresInRow == 0)))
                {
                    _isBusy = true;
                    _forgotten.Clear();
                    since = _since;
                    List<TopicPartitionOffset> offsets = [.. _pending.Select(pending => new TopicPartitionOffset(pending.Key, pending.Value))];
                    _pending.Clear();
                    (polls, _polls) = (_polls, []);
                    return offsets;
                }

                Monitor.Wait(_lock, left);
            }

            (since, polls) = (0, _polls);
            return null;
        }
    }

    // The commit interval, doubled with each failure in a row.
    private TimeSpan Delay()
    {
        var interval = context.Options.CommitInterval;
        var longest = interval > _longestDelay ? interval : _longestDelay;
        var delay = interval * Math.Pow(2, Math.Min(_failuresInRow, 16));
        return delay < longest ? delay : longest;
    }

    private void Return(List<TopicPartitionOffset> offsets, List<ActivityLink> polls, long since, bool isCommitted)
    {
        lock (_lock)
        {
            _isBusy = false;
            _failuresInRow = isCommitted ? 0 : _failuresInRow + 1;
            if (!isCommitted)
            {
                _polls.InsertRange(0, polls.GetRange(0, Math.Min(polls.Count, InvocationBatch.MaxLinks - _polls.Count)));
            }

            foreach (var offset in offsets.Where(offset => !_forgotten.Contains(offset.TopicPartition)))
            {
                if (isCommitted)
                {
                    _committed[offset.TopicPartition] = offset.Offset;
                }
                else if (_pending.TryAdd(offset.TopicPartition, offset.Offset))
                {
                    _since = since;
                }
            }

            Monitor.PulseAll(_lock);
        }
    }

    private void Tell(Error? error)
    {
        if (error is null)
        {
            _failingSince = null;
            context.State.Set(PauseCause.Commit, null);
            return;
        }

        _failingSince ??= _time.GetTimestamp();
        if (_time.GetElapsedTime(_failingSince.Value) >= _tellAfter)
        {
            var reason = SafeText.OneLine(error.Reason, 256);
            context.Log.NotCommitted(reason);
            context.State.Set(PauseCause.Commit, "Offsets are not committed: " + reason);
        }
    }
}
