using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Keeps which partitions cannot be read and why, and decides when and where each is tried again. Used by the consumer's thread.
/// </summary>
/// <param name="context">The listener; told why a partition is not read.</param>
/// <param name="positions">Finds positions.</param>
internal sealed partial class PartitionRecovery(ListenerContext context, PartitionPositions positions) : IDisposable
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);

    // Long enough for a right to be given, or a client to be replaced, and short enough for nobody to restart the service for it.
    private static readonly TimeSpan _refusalDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longRetryDelay = TimeSpan.FromMinutes(1);

    // It may have been damaged on its way.
    private static readonly TimeSpan _decodingTimeout = TimeSpan.FromMinutes(1);

    private readonly Dictionary<TopicPartition, PartitionFault> _faults = [];
    private readonly ILogger _logger = context.Loggers.CreateLogger<PartitionRecovery>();
    private readonly ListenerOptions _options = context.Options;
    private readonly TimeProvider _time = context.Time;
    private UndecodableBatchSearch? _search;

    /// <summary>Begins with a partition: none of its records are missed yet, which a counter has to say.</summary>
    public void Begin(TopicPartition partition) => context.Metrics.Missed(_options, partition.Partition, 0);

    /// <summary>Takes what the client tells of a partition.</summary>
    /// <returns>Whether the client is to take nothing more of it for now.</returns>
    public bool Failed(TopicPartition partition, Error error)
    {
        if (error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            // The client loses the position of a partition that is paused before anything of it was read.
            if (_faults.GetValueOrDefault(partition) is not { IsWaiting: true })
            {
                Set(partition, PartitionFaultKind.NoPosition, null, TimeSpan.Zero);
            }

            return false;
        }

        var reason = SafeText.OneLine(error.Reason, 256);
        (var kind, reason, var delay) = error.Code switch
        {
            var code when ConsumeErrors.IsUndecodable(code) => (
                PartitionFaultKind.Undecodable,
                $"A batch of {partition} cannot be decoded: {reason}",
                IsAnotherDamaged(partition) ? _longRetryDelay : _retryDelay),
            var code when ConsumeErrors.IsUnsupported(code) => (
                PartitionFaultKind.Unsupported, $"The client does not know the format of a batch of {partition}: {reason}", _longRetryDelay),
            _ => (PartitionFaultKind.Refused, $"Kafka does not let {partition} be read: {reason}", _refusalDelay),
        };
        context.Log.PartitionRefused(reason);
        Set(partition, kind, reason, delay, isWaiting: true);
        return true;
    }

    /// <summary>Takes that a topic was made anew: what was read of these partitions is void.</summary>
    public void Renewed(IEnumerable<TopicPartition> partitions)
    {
        Log.NewTopic(_logger, _options.Topic);
        foreach (var partition in partitions)
        {
            Set(partition, PartitionFaultKind.NewTopic, null, TimeSpan.Zero);
        }
    }

    /// <summary>Takes a record, or the end of a partition.</summary>
    /// <returns>False when it is void.</returns>
    public bool Polled(ConsumeResult<byte[]?, byte[]?> result)
    {
        if (_faults.Count > 0 && _faults.TryGetValue(result.TopicPartition, out var fault))
        {
            if (fault.Kind is PartitionFaultKind.NoPosition or PartitionFaultKind.NewTopic)
            {
                return false;
            }

            // The client also says "end" of a fetch that had nothing but a damaged batch.
            if (!result.IsPartitionEOF || fault.Kind == PartitionFaultKind.Refused || result.Offset > positions.Next(result.TopicPartition))
            {
                Clear([result.TopicPartition]);
            }
        }

        positions.Polled(result);
        return true;
    }

    /// <summary>Forgets partitions that the consumer has no longer.</summary>
    public void Forget(IReadOnlyCollection<TopicPartition> partitions)
    {
        positions.Forget(partitions);
        Clear(partitions);
    }

    /// <summary>Returns where the partitions go on that are to be tried now. It waits up to 2 s for Kafka.</summary>
    public IReadOnlyList<PositionReset> Due()
    {
        if (_faults.Count == 0)
        {
            return [];
        }

        var resets = new List<PositionReset>();
        foreach (var (partition, fault) in _faults.Where(fault => _time.GetElapsedTime(fault.Value.LastTry) >= fault.Value.Delay).ToArray())
        {
            if (fault.Kind == PartitionFaultKind.Undecodable && HasTimedOut(partition, fault) && positions.Next(partition) is { } first)
            {
                if (Skip(partition, first, fault) is { } skip)
                {
                    resets.Add(skip);
                }

                continue;
            }

            if (fault.Kind is not (PartitionFaultKind.NoPosition or PartitionFaultKind.NewTopic))
            {
                // The client tells only once what keeps it from reading; a position set anew has it read, or tell again.
                Set(partition, fault.Kind, fault.Reason, fault.Delay);
                resets.Add(new(partition, positions.Next(partition) ?? Offset.Unset, null, PositionResetKind.None));
                continue;
            }

            try
            {
                resets.Add(Tell(positions.Find(partition, fault.Kind == PartitionFaultKind.NewTopic)));
                Clear([partition]);
            }
            catch (KafkaException e)
            {
                // Without an answer for one there will be none for the others.
                Set(partition, fault.Kind, $"The position of {partition} is not known: {SafeText.OneLine(e.Error.Reason, 256)}", _retryDelay);
                break;
            }
        }

        return resets;
    }

    public void Dispose() => _search?.Dispose();

    // Of several partitions at once the broker's disk, or the client, is to blame: then nothing is skipped.
    private bool HasTimedOut(TopicPartition partition, PartitionFault fault) => _options.KeepsUndecodable && _time.GetElapsedTime(fault.Since) >= _decodingTimeout
        && !IsAnotherDamaged(partition);

    private bool IsAnotherDamaged(TopicPartition partition) => _faults.Any(
        fault => fault.Key != partition && fault.Value.Kind is PartitionFaultKind.Undecodable or PartitionFaultKind.Unsupported);

    private PositionReset? Skip(TopicPartition partition, Offset first, PartitionFault fault)
    {
        _search ??= new UndecodableBatchSearch(context.Clients.CreateConsumer(_options.BrokerList, _options.Group, _ => { }), partition, first);
        if (_search.Step() is not { } next)
        {
            return null;
        }

        Clear([partition]);
        Log.Skipped(_logger, partition, first, next - 1);
        var batch = new UndecodableBatch(partition.Topic, partition.Partition, first, next - 1, fault.Reason!);
        return new(partition, next, first, PositionResetKind.Undecodable, batch);
    }

    private PositionReset Tell(PositionReset reset)
    {
        if (reset.Missed > 0)
        {
            context.Metrics.Missed(_options, reset.Partition.Partition, reset.Missed);
            Log.Missed(_logger, reset.Missed, reset.Partition, reset.Expected!.Value.Value, reset.Position.Value);
        }
        else if (reset.Kind == PositionResetKind.BeyondTheEnd)
        {
            Log.BeyondTheEnd(_logger, reset.Expected!.Value.Value, reset.Partition, reset.Position.Value);
        }

        return reset;
    }

    private void Set(TopicPartition partition, PartitionFaultKind kind, string? reason, TimeSpan delay, bool isWaiting = false)
    {
        var now = _time.GetTimestamp();
        var since = _faults.GetValueOrDefault(partition) is { } fault && fault.Kind == kind ? fault.Since : now;
        _faults[partition] = new(kind, reason, since, now, delay, isWaiting);
        TellState();
    }

    private void Clear(IReadOnlyCollection<TopicPartition> partitions)
    {
        if (_faults.Count > 0)
        {
            foreach (var partition in partitions)
            {
                if (_faults.Remove(partition, out var fault) && fault.Kind == PartitionFaultKind.Undecodable)
                {
                    _search?.Dispose();
                    _search = null;
                }
            }

            TellState();
        }
    }

    private void TellState() => context.State.Set(PauseCause.Partition, _faults.Values.Select(fault => fault.Reason).FirstOrDefault(reason => reason is not null));

    private static partial class Log
    {
        [LoggerMessage(56, LogLevel.Error, "{Missed} records of {Partition} were removed from Kafka before they were read: reading goes on at offset {To} instead of {From}.")]
        public static partial void Missed(ILogger logger, long missed, TopicPartition partition, long from, long to);

        [LoggerMessage(52, LogLevel.Error, "The batch of {Partition} with the offsets {First} to {Last} cannot be decoded and is skipped: it is kept as a dead letter.")]
        public static partial void Skipped(ILogger logger, TopicPartition partition, long first, long last);

        [LoggerMessage(57, LogLevel.Warning, "The offset {Offset} of {Partition} is beyond the end of the partition: it is read from offset {Start} on.")]
        public static partial void BeyondTheEnd(ILogger logger, long offset, TopicPartition partition, long start);

        [LoggerMessage(59, LogLevel.Warning, "The topic {Topic} was deleted and made anew: it is read from the beginning.")]
        public static partial void NewTopic(ILogger logger, string topic);
    }
}
