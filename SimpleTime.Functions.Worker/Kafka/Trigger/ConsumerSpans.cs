using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// The span of an invocation with a batch: <c>process TOPIC</c>. It is the root of a trace of its own with a link to each span
/// that sent records of the batch, since a batch has many senders and a span has one parent.
/// </summary>
internal static class ProcessSpan
{
    // As many as a batch usually has records; each is some 30 bytes of what is exported.
    private const int MaxLinks = 1024;

    /// <summary>Starts the span.</summary>
    /// <returns>Null when nobody wants it.</returns>
    public static Activity? Start(ListenerOptions listener, KafkaRecord[] records)
    {
        if (!WorkerTracing.Source.HasListeners())
        {
            return null;
        }

        var span = WorkerTracing.Source.StartActivity(ActivityKind.Consumer, links: Links(records), name: $"process {listener.Topic}");
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "kafka");
            span.SetTag("messaging.operation.name", "process");
            span.SetTag("messaging.operation.type", "process");
            span.SetTag("messaging.destination.name", listener.Topic);
            span.SetTag("messaging.consumer.group.name", listener.Group);
            span.SetTag("messaging.batch.message_count", records.Length);
            if (records is [var record])
            {
                span.SetTag("messaging.destination.partition.id", record.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture));
                span.SetTag("messaging.kafka.offset", record.Offset);
            }
        }

        return span;
    }

    private static List<ActivityLink> Links(KafkaRecord[] records)
    {
        var senders = new HashSet<ActivityContext>();
        foreach (var record in records)
        {
            // A span that nobody recorded is nowhere to be found.
            if (TraceHeader.TryRead(record, out var sender) && sender.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                && senders.Add(sender) && senders.Count == MaxLinks)
            {
                break;
            }
        }

        return senders.Select(sender => new ActivityLink(sender)).ToList();
    }
}
