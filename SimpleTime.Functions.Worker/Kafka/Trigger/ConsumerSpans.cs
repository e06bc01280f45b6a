using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// The spans of a listener: <c>poll TOPIC</c>, <c>process TOPIC</c> and <c>commit TOPIC</c>. Those of a batch are one trace, whose root is the
/// poll. Poll and process have a link to each span that sent records of the batch, since it has many senders and a span has one parent.
/// </summary>
internal static class ConsumerSpans
{
    /// <summary>Tells of a batch that was collected.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="started">When the collecting began.</param>
    /// <returns>The span; the default when nobody wants it.</returns>
    public static ActivityContext Polled(ListenerOptions listener, RecordBatch batch, DateTimeOffset started)
    {
        if (!WorkerTracing.Source.HasListeners())
        {
            return default;
        }

        var invocation = batch.ForInvocation();
        using var span = Start(listener, "poll", "receive", ActivityKind.Client, default, invocation.Links, started);
        Describe(span, invocation.Records);
        return span?.Context ?? default;
    }

    /// <summary>Starts the span of an invocation with a batch.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="poll">The span of its poll.</param>
    /// <returns>Null when nobody wants it.</returns>
    public static Activity? StartProcess(ListenerOptions listener, InvocationBatch batch, ActivityContext poll)
    {
        if (!WorkerTracing.Source.HasListeners())
        {
            return null;
        }

        var span = Start(listener, "process", "process", ActivityKind.Consumer, poll, batch.Links);
        Describe(span, batch.Records);
        return span;
    }

    /// <summary>Tells of a commit that Kafka answered.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="offsets">What was committed.</param>
    /// <param name="polls">The polls of the batches that it ends: the first one's trace has the span, which is linked to the others.</param>
    /// <param name="started">When it began.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public static void Committed(
        ListenerOptions listener, IReadOnlyList<TopicPartitionOffset> offsets, List<ActivityLink> polls, DateTimeOffset started, ErrorCode? error)
    {
        if (WorkerTracing.Source.HasListeners())
        {
            using var span = polls.Count == 0
                ? Start(listener, "commit", "settle", ActivityKind.Client, default, null, started)
                : Start(listener, "commit", "settle", ActivityKind.Client, polls[0].Context, polls.GetRange(1, polls.Count - 1), started);
            if (offsets is [var only])
            {
                Describe(span, only.Partition.Value, only.Offset.Value);
            }

            if (error is { } code)
            {
                WorkerTracing.Fail(span, code.ToString(), code.GetReason());
            }
        }
    }

    private static Activity? Start(
        ListenerOptions listener,
        string operation,
        string type,
        ActivityKind kind,
        ActivityContext parent,
        IEnumerable<ActivityLink>? links,
        DateTimeOffset started = default)
    {
        var span = WorkerTracing.Source.StartActivity(kind, parent, links: links, startTime: started, name: $"{operation} {listener.Topic}");
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "kafka");
            span.SetTag("messaging.operation.name", operation);
            span.SetTag("messaging.operation.type", type);
            span.SetTag("messaging.destination.name", listener.Topic);
            span.SetTag("messaging.consumer.group.name", listener.Group);
        }

        return span;
    }

    private static void Describe(Activity? span, KafkaRecord[] records)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.batch.message_count", records.Length);
            if (records is [var only])
            {
                Describe(span, only.Partition, only.Offset);
            }
        }
    }

    private static void Describe(Activity? span, int partition, long offset)
    {
        span?.SetTag("messaging.destination.partition.id", partition.ToString(CultureInfo.InvariantCulture));
        span?.SetTag("messaging.kafka.offset", offset);
    }
}
