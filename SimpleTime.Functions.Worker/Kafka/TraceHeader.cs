using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka;

/// <summary>The header of a record that says which span sent it: <c>traceparent</c> of W3C Trace Context.</summary>
internal static class TraceHeader
{
    private const string Name = "traceparent";

    // Of version 00, the only one there is.
    private const int Length = 55;

    /// <summary>The headers of messages that a span sends; null when there is no span.</summary>
    public static Headers? Of(Activity? span) =>
        span is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? new Headers { { Name, Encoding.ASCII.GetBytes(id) } } : null;

    /// <summary>Which span sent a record; false when the record does not say, or says nonsense: anybody may have written it.</summary>
    public static bool TryRead(KafkaRecord record, out ActivityContext context)
    {
        context = default;
        return Array.Find(record.Headers, header => header.Key == Name) is { Value: { Length: Length } value }
            && ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, isRemote: true, out context);
    }
}
