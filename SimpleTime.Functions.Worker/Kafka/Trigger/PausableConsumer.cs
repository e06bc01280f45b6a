using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// A consumer that can stay in its group without taking records. It keeps the position of each partition, finds another where Kafka
/// does not accept it, and commits offsets. Everything but its construction happens on the one thread that polls, its events too.
/// </summary>
internal sealed partial class PausableConsumer : IDisposable
{
    // At a revocation and at the end: what is not committed then is consumed again.
    private static readonly TimeSpan _commitTime = TimeSpan.FromSeconds(2);

    private readonly ListenerContext _context;
    private readonly ILogger _logger;
    private readonly GroupMembership _membership;
    private readonly PartitionPositions _positions;
    private readonly AssignedPartitions _partitions;
    private readonly PartitionRecovery _recovery;
    private readonly OffsetCommitter _committer;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly TopicIdentity _topic;
    private readonly WatchedClient _watched;
    private readonly Queue<PolledItem> _carried = new();
    private volatile Error? _fatal;
    private volatile bool _isTaking;

    public PausableConsumer(ListenerContext context, ConsumerTelemetry telemetry)
    {
        _context = context;
        var options = context.Options;
        _logger = context.Loggers.CreateLogger<PausableConsumer>();
        _membership = new GroupMembership(context);
        _consumer = context.Clients.CreateConsumer(
            options.BrokerList,
            options.Group,
            builder => builder
                .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
                .SetPartitionsLostHandler((_, partitions) => OnLost(partitions)),
            OnError);
        var offsets = new GroupOffsets(_consumer.Handle);
        _positions = new PartitionPositions(_consumer, offsets, options.Reset, context.Time);
        _partitions = new AssignedPartitions(_consumer, _positions);
        _recovery = new PartitionRecovery(context, _positions);
        _topic = new TopicIdentity(_consumer.Handle, options.Topic, context.Time);
        _committer = new OffsetCommitter(context, next => offsets.Commit(next, TopicIdentity.ToMetadata(context.State.TopicId)), telemetry);
        _committer.Start();
        _watched = context.Watch.Add(
            _consumer.Handle, options.BrokerList, () => _isTaking && context.Lags() is { } lags && _partitions.AreBehind(lags), OnError);
    }

    /// <summary>Occurs before partitions go, while their offsets can still be committed.</summary>
    public event Action? Revoking;

    /// <summary>Occurs when what was polled of some partitions is not to be worked on or committed any more.</summary>
    public event Action<IReadOnlyCollection<TopicPartition>>? Dropped;

    /// <summary>Gets whether it has joined the group and been told its partitions.</summary>
    public bool HasAssignment => _partitions.AreKnown;

    public IReadOnlyList<TopicPartition> Assignment => _partitions.All;

    public void Subscribe() => _consumer.Subscribe(_context.Options.Topic);

    /// <summary>Returns the offset that comes next in a partition; a special one when nothing was read of it.</summary>
    public Offset Position(TopicPartition partition) => _positions.Next(partition) ?? Offset.Unset;

    /// <summary>Takes what comes next.</summary>
    /// <param name="timeout">How long to wait for it.</param>
    /// <returns>Null when none came.</returns>
    /// <exception cref="KafkaException">The consumer failed for good.</exception>
    public PolledItem? Take(TimeSpan timeout)
    {
        _isTaking = true;
        return _carried.TryDequeue(out var carried) ? carried : Poll(timeout);
    }

    /// <summary>Keeps the consumer in its group without taking records, while a batch is worked on.</summary>
    /// <exception cref="KafkaException">The consumer failed for good.</exception>
    public void PollPaused()
    {
        _isTaking = false;
        _partitions.PauseAll();
        if (Poll(TimeSpan.Zero) is { } item)
        {
            _carried.Enqueue(item);
        }

        _partitions.PauseAll();
    }

    /// <summary>Takes records again.</summary>
    public void Resume() => _partitions.Resume();

    /// <summary>Has offsets committed, without a wait.</summary>
    /// <param name="offsets">The offsets.</param>
    /// <param name="poll">The span of the poll of the batch that they end; the default when there is none.</param>
    public void Commit(IReadOnlyCollection<TopicPartitionOffset> offsets, ActivityContext poll = default) => _committer.Commit(offsets, poll);

    /// <summary>Tells whether the consumer is a member of its group now.</summary>
    public void CheckMembership() => _membership.Check(_consumer.MemberId);

    /// <summary>Commits what is to be committed, for 2 s at the most, and leaves the group.</summary>
    public void Close()
    {
        _committer.Flush(_commitTime);
        _watched.Dispose();
        _topic.Dispose();
        if (_committer.Stop())
        {
            _consumer.Close();
        }
        else
        {
            _consumer.Unsubscribe();
        }
    }

    public void Dispose()
    {
        _context.State.IsMember = false;
        _watched.Dispose();
        _topic.Dispose();
        _recovery.Dispose();
        // A client must not go while a commit waits in it: then it is left to the end of the process.
        if (_committer.Stop())
        {
            _consumer.Dispose();
        }
    }

    private PolledItem? Poll(TimeSpan timeout)
    {
        if (_fatal is not null)
        {
            throw new KafkaException(_fatal);
        }

        _context.State.LastPoll = _context.Time.GetTimestamp();
        CheckTopic();
        foreach (var reset in _recovery.Due())
        {
            Apply(reset);
        }

        try
        {
            if (_consumer.Consume(timeout) is not { } result)
            {
                return null;
            }

            _membership.Joined();
            if (!result.IsPartitionEOF)
            {
                _watched.Worked();
            }

            return _recovery.Polled(result) ? PolledItem.Of(result) : null;
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            OnPollError(e);
            return null;
        }
    }

    private void OnError(Error error) => _fatal = error.IsFatal ? error : _fatal;

    private void OnPollError(ConsumeException exception)
    {
        var error = exception.Error;
        if (ConsumeErrors.IsConnection(error.Code))
        {
            Log.PollFailed(_logger, SafeText.OneLine(error.Reason, 256));
        }
        else if (exception.ConsumerRecord?.TopicPartition is { } partition && _partitions.Contains(partition))
        {
            if (_recovery.Failed(partition, error))
            {
                // What the client has fetched behind it goes too: its parser can go on in the middle of a damaged batch.
                _partitions.Pause(partition);
            }
        }
        else
        {
            _membership.Refused(error);
        }
    }

    private void CheckTopic()
    {
        if (HasAssignment && _topic.Poll() is { } id && id != _context.State.TopicId)
        {
            if (_context.State.TopicId is not null)
            {
                Drop(_partitions.All);
                _recovery.Renewed(_partitions.All);
            }

            _context.State.TopicId = id;
        }
    }

    private void Apply(PositionReset reset)
    {
        if (reset.Kind is PositionResetKind.BeyondTheEnd or PositionResetKind.NewTopic)
        {
            Drop([reset.Partition]);
            _committer.Commit([new(reset.Partition, reset.Position)]);
        }
        else if (reset.Kind != PositionResetKind.None)
        {
            // Committed when what was read before is done.
            _carried.Enqueue(new(reset.Partition, reset.Position, Undecodable: reset.Undecodable));
        }

        _partitions.Reposition(new(reset.Partition, reset.Position));
    }

    private IEnumerable<TopicPartitionOffset> OnAssigned(List<TopicPartition> partitions)
    {
        _membership.Joined();
        Log.Assigned(_logger, partitions.Count, _context.Options.Function);
        _partitions.Add(partitions);
        partitions.ForEach(_recovery.Begin);
        var starts = _positions.Start(partitions, out var committed);
        foreach (var offset in committed)
        {
            // What was committed tells which topic it was of, which may have been made anew since.
            if (TopicIdentity.OfMetadata(offset.Metadata) is { } id && id != (_context.State.TopicId ??= id))
            {
                _recovery.Renewed([offset.Partition]);
            }
        }

        if (starts.Where(start => !start.Offset.IsSpecial).ToArray() is { Length: > 0 } found)
        {
            // Before anything is read of it, and so that a partition where nothing comes has a lag of 0 and not an unknown one
            // (kedacore/keda #2033, #2612).
            _committer.Commit(found);
            _committer.Flush(_commitTime);
        }

        return starts;
    }

    private void OnRevoked(List<TopicPartitionOffset> offsets)
    {
        // Finished or abandoned whole: what the batch did by now is committed before the partitions go.
        Revoking?.Invoke();
        _committer.Flush(_commitTime);
        Remove(offsets);
    }

    // Somebody else has them already: nothing is committed any more.
    private void OnLost(List<TopicPartitionOffset> offsets)
    {
        Remove(offsets);
        _partitions.ForgetAll();
    }

    private void Remove(List<TopicPartitionOffset> offsets)
    {
        var partitions = offsets.ConvertAll(offset => offset.TopicPartition);
        _partitions.Forget(partitions);
        _recovery.Forget(partitions);
        Drop(partitions);
        Log.Revoked(_logger, partitions.Count, _context.Options.Function);
    }

    private void Drop(IReadOnlyCollection<TopicPartition> partitions)
    {
        _committer.Forget(partitions);
        for (var i = _carried.Count; i > 0; i--)
        {
            if (_carried.Dequeue() is var item && !partitions.Contains(item.Partition))
            {
                _carried.Enqueue(item);
            }
        }

        Dropped?.Invoke(partitions);
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Information, "{Count} partitions were assigned to {Function}.")]
        public static partial void Assigned(ILogger logger, int count, string function);

        [LoggerMessage(51, LogLevel.Information, "{Count} partitions were taken from {Function}.")]
        public static partial void Revoked(ILogger logger, int count, string function);

        [LoggerMessage(53, LogLevel.Debug, "A poll failed: {Reason}")]
        public static partial void PollFailed(ILogger logger, string reason);
    }
}
