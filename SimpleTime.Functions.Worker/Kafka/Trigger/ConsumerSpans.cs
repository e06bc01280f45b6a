using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// The spans of a listener: <c>poll TOPIC</c>, <c>process TOPIC</c> and <c>commit TOPIC</c>. Each is the root of a trace of its own; those of
/// a batch have a link to each span that sent records of it, since a batch has many senders and a span has one parent.
/// </summary>
internal static class ConsumerSpans
{
    /// <summary>Tells of a batch that was collected.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="started">When the collecting began.</param>
    public static void Polled(ListenerOptions listener, RecordBatch batch, DateTimeOffset started)
    {
        if (WorkerTracing.Source.HasListeners())
        {
            var invocation = batch.ForInvocation();
            using var span = Start(listener, "poll", "receive", ActivityKind.Client, invocation.Links, started);
            Describe(span, invocation.Records);
        }
    }

    /// <summary>Starts the span of an invocation with a batch.</summary>
    /// <returns>Null when nobody wants it.</returns>
    public static Activity? StartProcess(ListenerOptions listener, InvocationBatch batch)
    {
        if (!WorkerTracing.Source.HasListeners())
        {
            return null;
        }

        var span = Start(listener, "process", "process", ActivityKind.Consumer, batch.Links);
        Describe(span, batch.Records);
        return span;
    }

    /// <summary>Tells of a commit that Kafka answered.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="offsets">What was committed.</param>
    /// <param name="started">When it began.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public static void Committed(ListenerOptions listener, IReadOnlyList<TopicPartitionOffset> offsets, DateTimeOffset started, ErrorCode? error)
    {
        if (WorkerTracing.Source.HasListeners())
        {
            using var span = Start(listener, "commit", "settle", ActivityKind.Client, null, started);
            if (offsets is [var only])
            {
                Describe(span, only.Partition.Value, only.Offset.Value);
            }

            if (error is { } code)
            {
                WorkerTracing.Fail(span, code.ToString());
            }
        }
    }

    private static Activity? Start(
        ListenerOptions listener, string operation, string type, ActivityKind kind, IEnumerable<ActivityLink>? links, DateTimeOffset started = default)
    {
        var span = WorkerTracing.Source.StartActivity(kind, links: links, startTime: started, name: $"{operation} {listener.Topic}");
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
