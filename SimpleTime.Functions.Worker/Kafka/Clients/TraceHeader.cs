using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>The header of a record that says which span sent it: <c>traceparent</c> of W3C Trace Context.</summary>
internal static class TraceHeader
{
    private const string Name = "traceparent";

    // Of version 00, the only one there is.
    private const int Length = 55;

    /// <summary>Returns the headers of messages that a span sends; null when there is no span.</summary>
    public static Headers? Of(Activity? span) =>
        span is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? new Headers { { Name, Encoding.ASCII.GetBytes(id) } } : null;

    /// <summary>
    /// Which recorded span sent a record; false when none did or the record says nonsense: anybody may have written it. A span that nobody
    /// recorded is nowhere to be found, and only its flag is read.
    /// </summary>
    public static bool TryRead(KafkaRecord record, out ActivityContext context)
    {
        context = default;
        return Array.Find(record.Headers, static header => header.Key == Name) is { Value: { Length: Length } value }
            && IsRecorded(value[^1])
            && ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, isRemote: true, out context);
    }

    // The lowest bit of a hexadecimal digit.
    private static bool IsRecorded(byte flags) => ((flags <= '9' ? flags : flags + 1) & 1) == 1;
}
