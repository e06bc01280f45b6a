using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;

namespace SimpleTime.Functions.Worker.Kafka.Outputs;

/// <summary>The Kafka outputs of one function. Safe for use by several threads.</summary>
internal sealed partial class FunctionOutputs(
    string function,
    IReadOnlyList<FunctionOutputs.Target> targets,
    MessageSerializer serializer,
    OutboxSender sender,
    OutboxMetrics metrics,
    ThrottledLog throttled,
    ILogger<FunctionOutputs> logger)
{
    private readonly ThrottledLine<(string Output, string Reason)> _failures = throttled.CreateLine<(string Output, string Reason)>(
        (latest, count) => Log.NotSent(logger, count, function, latest.Output, SafeText.OneLine(latest.Reason, 256)));

    /// <summary>Hands the values of the outputs on: an array's elements each, anything else as one message. Never throws.</summary>
    /// <returns>Whether every message was accepted.</returns>
    public bool Send(FunctionInvocation invocation)
    {
        var isSent = true;
        foreach (var target in targets)
        {
            switch (invocation.Outputs[target.Index])
            {
                case null:
                    break;
                case Array { Length: > 0 } values and not byte[]:
                    isSent &= Send(target, values, values.Length);
                    break;
                case Array { Length: 0 } and not byte[]:
                    break;
                case var value:
                    isSent &= Send(target, value, 1);
                    break;
            }
        }

        return isSent;
    }

    private bool Send(Target target, object value, int count)
    {
        using var span = SendSpan.Start(target.Destination?.Topic ?? target.Name, count);
        var headers = TraceHeader.Of(span);
        var isSent = true;
        if (value is Array values and not byte[])
        {
            foreach (var element in values)
            {
                isSent &= element is null || TrySend(target, element, headers);
            }
        }
        else
        {
            isSent = TrySend(target, value, headers);
        }

        if (!isSent)
        {
            WorkerTracing.Fail(span, "not_accepted", "A message was not accepted to be sent.");
        }

        return isSent;
    }

    private bool TrySend(Target target, object value, Headers? headers)
    {
        if (target.Destination is null)
        {
            Failed(target, "its topic does not resolve to a value");
            return false;
        }

        byte[] message;
        try
        {
            message = serializer.Write(value);
        }
#pragma warning disable CA1031 // A value that cannot be written is counted; the answer of the function stands.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failed(target, e.Message);
            return false;
        }

        return sender.TryAccept(target.Destination, message, headers);
    }

    private void Failed(Target target, string reason)
    {
        metrics.Dropped(1);
        _failures.Write((target.Name, reason));
    }

    /// <summary>Where an output goes; nowhere when its topic does not resolve.</summary>
    internal sealed record Target(int Index, string Name, OutboxDestination? Destination);

    private static partial class Log
    {
        [LoggerMessage(35, LogLevel.Error, "{Count} messages of the function {Function} were not sent since this was last logged, the latest of the output {Output}: {Reason}")]
        public static partial void NotSent(ILogger logger, long count, string function, string output, string reason);
    }
}
