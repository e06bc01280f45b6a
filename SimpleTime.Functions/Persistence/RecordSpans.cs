using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>
/// The spans of single records: <c>process TOPIC</c>, each a child of the span that sent the record, so that a request's trace ends with what
/// became of its events. A record whose sender was not recorded has none. Safe for use by several threads.
/// </summary>
/// <param name="configuration">The settings.</param>
public sealed class RecordSpans(IConfiguration configuration)
{
    // Of version 00 of W3C Trace Context, the only one there is.
    private const int SenderLength = 55;

    private readonly string? _group = configuration["KAFKA_CONSUMER_GROUP"];

    /// <summary>Starts the spans, each with a link to that of the batch.</summary>
    /// <param name="records">The records.</param>
    /// <param name="batch">What they are to the store; gets the spans.</param>
    internal void Start(KafkaRecord[] records, StoredRecord[] batch)
    {
        if (!Traces.Source.HasListeners())
        {
            return;
        }

        var current = Activity.Current;
        ActivityLink[]? links = current is { Recorded: true } ? [new ActivityLink(current.Context)] : null;
        for (var i = 0; i < records.Length; i++)
        {
            if (TryReadSender(records[i], out var sender) && Start(records[i], sender, links) is { } span)
            {
                batch[i] = batch[i] with { Span = span };
            }
        }

        Activity.Current = current;
    }

    /// <summary>Ends the spans.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="failure">Why nothing was stored; null when the batch was.</param>
    internal static void End(StoredRecord[] batch, Exception? failure)
    {
        var current = Activity.Current;
        foreach (var record in batch)
        {
            if (failure is not null)
            {
                record.Span?.SetTag(StoreSpan.Outcome, null);
                Traces.Fail(record.Span, failure.GetType().FullName, failure.Message);
            }

            record.Span?.Dispose();
        }

        Activity.Current = current;
    }

    private Activity? Start(KafkaRecord record, ActivityContext sender, ActivityLink[]? links)
    {
        var span = Traces.Source.StartActivity($"process {record.Topic}", ActivityKind.Consumer, sender, links: links);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "kafka");
            span.SetTag("messaging.operation.name", "process");
            span.SetTag("messaging.operation.type", "process");
            span.SetTag("messaging.destination.name", record.Topic);
            span.SetTag("messaging.destination.partition.id", record.Partition.ToString(CultureInfo.InvariantCulture));
            span.SetTag("messaging.consumer.group.name", _group);
            span.SetTag("messaging.kafka.offset", record.Offset);
        }

        return span;
    }

    // Of a sender that was not recorded only the flag is read: the lowest bit of the last hexadecimal digit.
    private static bool TryReadSender(KafkaRecord record, out ActivityContext sender)
    {
        sender = default;
        return Array.Find(record.Headers, static header => header.Key == "traceparent") is { Value: { Length: SenderLength } value }
            && ((value[^1] <= '9' ? value[^1] : value[^1] + 1) & 1) == 1
            && ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, isRemote: true, out sender);
    }
}
