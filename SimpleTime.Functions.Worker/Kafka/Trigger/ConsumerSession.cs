using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// The life of one consumer: collects batches and has them executed, one after the other, on the thread that calls <see cref="Run"/>.
/// </summary>
internal sealed class ConsumerSession : IDisposable
{
    // A batch's memory: a thousand records may be a thousand times the largest message.
    private const long MaxBatchBytes = 8 << 20;

    private static readonly TimeSpan _pollTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _drainTimeout = TimeSpan.FromSeconds(1);

    private readonly ListenerContext _context;
    private readonly PausableConsumer _consumer;
    private readonly BatchExecution _execution;
    private readonly ConsumerTelemetry _telemetry;
    private RecordBatch _batch = new();
    private IConsumer<Ignore, Ignore>? _observer;

    /// <summary>Makes a consumer and what works with it.</summary>
    /// <exception cref="KafkaException">The consumer cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property of the consumer is wrong.</exception>
    public ConsumerSession(ListenerContext context)
    {
        _context = context;
        _telemetry = new ConsumerTelemetry(context);
        _consumer = new PausableConsumer(context, _telemetry);
        _execution = new BatchExecution(context, _consumer);
        _consumer.Revoking += _execution.Finish;
        _consumer.Dropped += partitions => _batch.RemovePartitions(partitions);
    }

    /// <summary>Consumes until stopped, or until drained when that is asked for.</summary>
    /// <param name="draining">Cancelled to end as soon as everything in the topic is consumed.</param>
    /// <param name="stopping">Cancelled to end after the batch in flight.</param>
    /// <exception cref="KafkaException">The consumer failed for good.</exception>
    public void Run(CancellationToken draining, CancellationToken stopping)
    {
        _consumer.Subscribe();
        _context.State.Clear();
        while (!stopping.IsCancellationRequested)
        {
            var started = _context.Time.GetTimestamp();
            var batch = Collect(stopping);
            if (batch.IsEmpty)
            {
                _consumer.Commit(batch.NextOffsets());
                _consumer.CheckMembership();
                if (draining.IsCancellationRequested && IsCaughtUp())
                {
                    break;
                }
            }
            else if (!stopping.IsCancellationRequested)
            {
                if (batch.Count > 0)
                {
                    batch.Poll = _telemetry.Polled(batch, started);
                }

                _execution.Execute(batch, stopping);
            }
        }

        _consumer.Close();
    }

    public void Dispose()
    {
        _observer?.Dispose();
        _consumer.Dispose();
    }

    private RecordBatch Collect(CancellationToken stopping)
    {
        _batch = new RecordBatch();
        var options = _context.Options;
        var since = _context.Time.GetTimestamp();
        while (_batch.Count < options.MaxBatchSize && _batch.Bytes < MaxBatchBytes && !stopping.IsCancellationRequested)
        {
            var wait = _pollTime;
            if (_batch.Count > 0 && options.Linger - _context.Time.GetElapsedTime(since) is var left && left < wait)
            {
                wait = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }

            var count = _batch.Count;
            if (_consumer.Take(wait) is { } item)
            {
                _batch.Add(item);
                since = count == 0 ? _context.Time.GetTimestamp() : since;
            }
            else if (count == 0 || _context.Time.GetElapsedTime(since) >= options.Linger)
            {
                break;
            }
        }

        return _batch;
    }

    // Asks by a client of its own: behind the consumer's waiting fetches each question would take half a second.
    private bool IsCaughtUp()
    {
        if (!_consumer.HasAssignment)
        {
            // It has not joined yet: what there is to consume is still to be told.
            return false;
        }

        try
        {
            _observer ??= _context.Clients.CreateObserver(_context.Options.BrokerList, _context.Options.Group, _ => { });
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
}
