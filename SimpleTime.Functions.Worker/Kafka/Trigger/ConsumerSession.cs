using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// The life of one consumer: it collects batches, has them invoked and stores their offsets when that succeeded. Everything
/// happens on the one thread that calls <see cref="Run"/>, the rebalance handlers too.
/// </summary>
internal sealed partial class ConsumerSession : IDisposable
{
    // A batch's memory: a thousand records may be a thousand times the largest message.
    private const long MaxBatchBytes = 8 << 20;

    private static readonly TimeSpan _pollTime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan _drainTimeout = TimeSpan.FromSeconds(1);

    private readonly ListenerOptions _options;
    private readonly ListenerState _state;
    private readonly KafkaClientFactory _clients;
    private readonly BatchExecution _execution;
    private readonly TimeProvider _time;
    private readonly ILogger<ConsumerSession> _logger;
    private readonly StartingPositions _startingPositions;
    private readonly ConsumerTelemetry _telemetry;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly WatchedClient _watched;
    private readonly ThrottledLine<string> _refusals;
    private readonly List<TopicPartition> _withoutStart = [];
    private readonly Queue<ConsumeResult<byte[]?, byte[]?>> _carried = new();
    private readonly HashSet<TopicPartition> _paused = [];
    private RecordBatch _batch = new();
    private IConsumer<Ignore, Ignore>? _observer;
    private volatile Error? _fatal;
    private bool _hasAssignment;

    public ConsumerSession(
        ListenerOptions options,
        ListenerState state,
        KafkaClientFactory clients,
        ClientWatch watch,
        BatchInvoker invoker,
        TriggerMetrics metrics,
        TimeProvider time,
        ThrottledLog throttled,
        ILoggerFactory loggers)
    {
        _options = options;
        _state = state;
        _clients = clients;
        _time = time;
        _logger = loggers.CreateLogger<ConsumerSession>();
        _startingPositions = new StartingPositions(options.Reset);
        _refusals = throttled.CreateLine<string>((reason, count) => LogRefused(_logger, options.Function, count, SafeText.OneLine(reason, 256)));
        _telemetry = new ConsumerTelemetry(options, metrics, time);
        _execution = new BatchExecution(options, state, invoker, this, time, throttled, loggers.CreateLogger<BatchExecution>());
        _consumer = clients.CreateConsumer(options.BrokerList, options.Group, builder => builder
            .SetErrorHandler((_, error) => OnError(error))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnTakenAway(partitions))
            .SetOffsetsCommittedHandler((_, answer) => _telemetry.Committed(answer)));
        _watched = watch.Add(_consumer.Handle, options.BrokerList, OnError);
    }

    /// <summary>Consumes until stopped, or until drained when that is asked for.</summary>
    /// <param name="draining">Cancelled to end as soon as everything in the topic is consumed.</param>
    /// <param name="stopping">Cancelled to end after the batch in flight.</param>
    /// <exception cref="KafkaException">The consumer failed for good.</exception>
    public void Run(CancellationToken draining, CancellationToken stopping)
    {
        _consumer.Subscribe(_options.Topic);
        _state.PausedReason = null;
        while (!stopping.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            var batch = Collect(stopping);
            if (batch.Count > 0)
            {
                _telemetry.Polled(batch, started);
            }

            if (batch.Count > 0 && !stopping.IsCancellationRequested)
            {
                _execution.Execute(batch, stopping);
            }
            else if (batch.Count == 0)
            {
                _state.IsMember = !string.IsNullOrEmpty(_consumer.MemberId);
                CommitStartingPositions();
                if (draining.IsCancellationRequested && IsCaughtUp())
                {
                    break;
                }
            }
        }

        // Commits the stored offsets, leaves the group and disposes the client.
        _watched.Dispose();
        _consumer.Close();
    }

    /// <summary>Keeps the consumer in its group without taking records, while a batch is worked on.</summary>
    public void PollPaused()
    {
        PauseAll();
        if (Poll(TimeSpan.Zero) is { } record)
        {
            _carried.Enqueue(record);
        }

        PauseAll();
    }

    public void Resume()
    {
        if (_paused.Count > 0)
        {
            var assigned = _consumer.Assignment;
            _consumer.Resume(assigned.Where(_paused.Contains));
            _paused.Clear();
        }
    }

    /// <summary>Lets the client commit the offsets behind a batch. A partition that is no longer this consumer's is left out.</summary>
    public void StoreOffsets(RecordBatch batch)
    {
        var stored = new List<TopicPartitionOffset>();
        foreach (var next in batch.NextOffsets())
        {
            try
            {
                _consumer.StoreOffset(next);
                stored.Add(next);
                _withoutStart.Remove(next.TopicPartition);
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_State or ErrorCode.Local_UnknownPartition)
            {
                LogNotOurs(_logger, next.TopicPartition);
            }
        }

        _telemetry.Stored(stored);
    }

    public void Dispose()
    {
        _state.IsMember = false;
        _observer?.Dispose();
        _watched.Dispose();
        _consumer.Dispose();
    }

    private RecordBatch Collect(CancellationToken stopping)
    {
        _batch = new RecordBatch();
        var since = _time.GetTimestamp();
        while (_batch.Count < _options.MaxBatchSize && _batch.Bytes < MaxBatchBytes && !stopping.IsCancellationRequested)
        {
            if (_carried.TryDequeue(out var carried))
            {
                _batch.Add(carried);
                continue;
            }

            var wait = _pollTime;
            if (_batch.Count > 0 && _options.Linger - _time.GetElapsedTime(since) is var left && left < wait)
            {
                wait = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }

            if (Poll(wait) is { } record)
            {
                since = _batch.Count == 0 ? _time.GetTimestamp() : since;
                _batch.Add(record);
            }
            else if (_batch.Count == 0 || _time.GetElapsedTime(since) >= _options.Linger)
            {
                break;
            }
        }

        return _batch;
    }

    private ConsumeResult<byte[]?, byte[]?>? Poll(TimeSpan timeout)
    {
        if (_fatal is not null)
        {
            throw new KafkaException(_fatal);
        }

        _state.LastPoll = _time.GetTimestamp();
        try
        {
            // The end of a partition, where host.json has the client tell of it, is no record.
            if (_consumer.Consume(timeout) is { IsPartitionEOF: false } record)
            {
                _watched.Worked();
                return record;
            }

            return null;
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            if (e.Error.Code is not (ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed))
            {
                LogPollFailed(_logger, SafeText.OneLine(e.Error.Reason, 256));
            }
            else
            {
                _refusals.Write(e.Error.Reason);
            }

            return null;
        }
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
        {
            _fatal = error;
        }
    }

    private void OnAssigned(List<TopicPartition> partitions)
    {
        _state.IsMember = true;
        _hasAssignment = true;
        _withoutStart.AddRange(partitions);
        CommitStartingPositions();
        LogAssigned(_logger, partitions.Count, _options.Function);
    }

    private void OnRevoked(List<TopicPartitionOffset> offsets)
    {
        // Finished or abandoned whole: what the batch did by now is stored before the partitions go.
        _execution.Finish();
        OnLost(offsets);
    }

    // Somebody else has them already: nothing is committed any more.
    private void OnTakenAway(List<TopicPartitionOffset> offsets)
    {
        _hasAssignment = false;
        _telemetry.Lost();
        OnLost(offsets);
    }

    private void OnLost(List<TopicPartitionOffset> offsets)
    {
        var partitions = offsets.ConvertAll(o => o.TopicPartition);
        _withoutStart.RemoveAll(partitions.Contains);
        _paused.ExceptWith(partitions);
        _batch.RemovePartitions(partitions);
        for (var i = _carried.Count; i > 0; i--)
        {
            if (_carried.Dequeue() is var record && !partitions.Contains(record.TopicPartition))
            {
                _carried.Enqueue(record);
            }
        }

        LogRevoked(_logger, partitions.Count, _options.Function);
    }

    private void CommitStartingPositions()
    {
        try
        {
            _startingPositions.Commit(_consumer, _withoutStart);
            _withoutStart.Clear();
        }
        catch (KafkaException e)
        {
            LogNoStart(_logger, SafeText.OneLine(e.Error.Reason, 256));
        }
    }

    // Also those that were assigned since the last time.
    private void PauseAll()
    {
        var running = _consumer.Assignment.FindAll(partition => !_paused.Contains(partition));
        if (running.Count > 0)
        {
            _consumer.Pause(running);
            _paused.UnionWith(running);
        }
    }

    // Asks by a client of its own: behind this consumer's waiting fetches each question would take half a second.
    private bool IsCaughtUp()
    {
        if (!_hasAssignment)
        {
            // It has not joined yet: what there is to consume is still to be told.
            return false;
        }

        try
        {
            _observer ??= _clients.CreateObserver(_options.BrokerList, _options.Group, OnError);
            return _observer.Committed(_consumer.Assignment, _drainTimeout).TrueForAll(committed =>
            {
                var position = _consumer.Position(committed.TopicPartition);
                var next = position.IsSpecial ? committed.Offset : position;
                return next >= _observer.QueryWatermarkOffsets(committed.TopicPartition, _drainTimeout).High;
            });
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    [LoggerMessage(50, LogLevel.Information, "{Count} partitions were assigned to {Function}.")]
    private static partial void LogAssigned(ILogger logger, int count, string function);

    [LoggerMessage(51, LogLevel.Information, "{Count} partitions were taken from {Function}.")]
    private static partial void LogRevoked(ILogger logger, int count, string function);

    [LoggerMessage(52, LogLevel.Debug, "The offset of {Partition} is not stored: another consumer has the partition.")]
    private static partial void LogNotOurs(ILogger logger, TopicPartition partition);

    [LoggerMessage(53, LogLevel.Debug, "A poll failed: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(55, LogLevel.Error, "Kafka does not let {Function} read ({Count} times since this was last logged): {Reason}")]
    private static partial void LogRefused(ILogger logger, string function, long count, string reason);

    [LoggerMessage(54, LogLevel.Debug, "Starting positions are not committed yet: {Reason}")]
    private static partial void LogNoStart(ILogger logger, string reason);
}
