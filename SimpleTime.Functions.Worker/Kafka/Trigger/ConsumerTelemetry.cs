using System.Diagnostics;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Measures and traces what one consumer asks of Kafka. Safe for use by several threads.</summary>
internal sealed class ConsumerTelemetry(ListenerContext context)
{
    /// <summary>Tells of a batch that was collected.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="started">When the collecting began, as a timestamp of the time provider.</param>
    /// <returns>The span; the default when nobody wants it.</returns>
    public ActivityContext Polled(RecordBatch batch, long started)
    {
        var duration = context.Time.GetElapsedTime(started);
        context.Metrics.Operated(context.Options, "poll", duration, null);
        return ConsumerSpans.Polled(context.Options, batch, Before(duration));
    }

    /// <summary>Tells of the answer to a commit.</summary>
    /// <param name="offsets">What was to be committed.</param>
    /// <param name="polls">The recorded polls of the batches that it ends.</param>
    /// <param name="started">When the first of them was given to be committed, as a timestamp of the time provider.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public void Committed(IReadOnlyList<TopicPartitionOffset> offsets, List<ActivityLink> polls, long started, ErrorCode? error)
    {
        var duration = context.Time.GetElapsedTime(started);
        context.Metrics.Operated(context.Options, "commit", duration, error);
        ConsumerSpans.Committed(context.Options, offsets, polls, Before(duration), error);
    }

    // A clock that is wrong may have just begun.
    private DateTimeOffset Before(TimeSpan duration)
    {
        var now = context.Time.GetUtcNow();
        return now - DateTimeOffset.MinValue > duration ? now - duration : DateTimeOffset.MinValue;
    }
}
