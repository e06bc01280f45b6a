using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Measures and traces what one consumer asks of Kafka. A commit is the client's own, some time after an offset was stored: it counts
/// from there to Kafka's answer, as a message counts from its handing over. Used by the consumer's thread.
/// </summary>
internal sealed class ConsumerTelemetry(ListenerOptions options, TriggerMetrics metrics, TimeProvider time)
{
    // Those stored last, and when the first and the last were that no commit has covered.
    private IReadOnlyList<TopicPartitionOffset> _stored = [];
    private long? _first;
    private long _last;

    /// <summary>Tells of a batch that was collected.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="started">When the collecting began, as a timestamp of the time provider.</param>
    public void Polled(RecordBatch batch, long started)
    {
        var duration = time.GetElapsedTime(started);
        metrics.Operated(options, "poll", duration, null);
        ConsumerSpans.Polled(options, batch, time.GetUtcNow() - duration);
    }

    /// <summary>Takes what the client is to commit.</summary>
    public void Stored(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        if (offsets.Count > 0)
        {
            _stored = offsets;
            _last = time.GetTimestamp();
            _first ??= _last;
        }
    }

    /// <summary>Takes the answer to a commit.</summary>
    public void Committed(CommittedOffsets answer)
    {
        // The client also tells of partitions that it had nothing to commit of.
        var offsets = answer.Offsets.Where(offset => !offset.Offset.IsSpecial).ToArray();
        if (_first is not { } first || offsets.Length == 0)
        {
            return;
        }

        var error = answer.Error.IsError ? answer.Error : Array.Find(offsets, offset => offset.Error.IsError)?.Error;
        var duration = time.GetElapsedTime(first);
        metrics.Operated(options, "commit", duration, error?.Code);
        ConsumerSpans.Committed(options, Array.ConvertAll(offsets, offset => offset.TopicPartitionOffset), time.GetUtcNow() - duration, error?.Code);
        if (error is null)
        {
            // What was stored while the commit was on its way is for the next one.
            _first = _stored.All(stored => Array.Exists(
                offsets, offset => offset.TopicPartition == stored.TopicPartition && offset.Offset.Value >= stored.Offset.Value)) ? null : _last;
        }
    }

    /// <summary>Forgets what this consumer will not commit any more.</summary>
    public void Lost() => _first = null;
}
