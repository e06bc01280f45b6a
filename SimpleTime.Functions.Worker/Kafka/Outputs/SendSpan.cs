using System.Diagnostics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outputs;

/// <summary>The span of handing an output's messages on: <c>send TOPIC</c>. Kafka's acknowledgement comes after it.</summary>
internal static class SendSpan
{
    /// <summary>Starts the span.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="messages">How many messages; 1 for one that is no array.</param>
    /// <returns>Null when nobody wants it.</returns>
    public static Activity? Start(string topic, int messages)
    {
        if (!WorkerTracing.Source.HasListeners() || Activity.Current is { Recorded: false })
        {
            return null;
        }

        var span = WorkerTracing.Source.StartActivity($"send {topic}", ActivityKind.Producer);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "kafka");
            span.SetTag("messaging.operation.name", "send");
            span.SetTag("messaging.operation.type", "send");
            span.SetTag("messaging.destination.name", topic);
            if (messages > 1)
            {
                span.SetTag("messaging.batch.message_count", messages);
            }
        }

        return span;
    }
}
