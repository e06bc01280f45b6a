using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Tells what goes wrong for a listener again and again: each line at most once a minute, whichever of its consumers it comes from. Safe for
/// use by several threads.
/// </summary>
internal sealed partial class ListenerLog
{
    private readonly ThrottledLine<string> _groupRefusals;
    private readonly ThrottledLine<string> _partitionRefusals;
    private readonly ThrottledLine<string> _commitFailures;
    private readonly ThrottledLine<(int Records, string Reason)> _functionFailures;

    public ListenerLog(ListenerOptions options, ThrottledLog throttled, ILogger<ListenerLog> logger)
    {
        _groupRefusals = throttled.CreateLine<string>((reason, count) => Log.GroupRefused(logger, options.Group, options.Function, count, reason));
        _partitionRefusals = throttled.CreateLine<string>((reason, count) => Log.PartitionRefused(logger, options.Function, count, reason));
        _commitFailures = throttled.CreateLine<string>((reason, count) => Log.NotCommitted(logger, options.Function, options.Group, count, reason));
        _functionFailures = throttled.CreateLine<(int Records, string Reason)>(
            (latest, count) => Log.Retried(logger, options.Function, latest.Records, count, SafeText.OneLine(latest.Reason, 512)));
    }

    /// <summary>Tells that the group refused a consumer, or what it subscribed to.</summary>
    public void GroupRefused(string reason) => _groupRefusals.Write(reason);

    /// <summary>Tells that a partition cannot be read.</summary>
    public void PartitionRefused(string reason) => _partitionRefusals.Write(reason);

    /// <summary>Tells that Kafka did not take offsets.</summary>
    public void NotCommitted(string reason) => _commitFailures.Write(reason);

    /// <summary>Tells that the function failed with a batch, which is tried again.</summary>
    public void Retried(int records, string reason) => _functionFailures.Write((records, reason));

    private static partial class Log
    {
        [LoggerMessage(54, LogLevel.Error, "The group {Group} does not take the consumer of {Function} in ({Count} times since this was last logged): {Reason}")]
        public static partial void GroupRefused(ILogger logger, string group, string function, long count, string reason);

        [LoggerMessage(55, LogLevel.Error, "{Function} does not get records of a partition ({Count} times since this was last logged). {Reason}")]
        public static partial void PartitionRefused(ILogger logger, string function, long count, string reason);

        [LoggerMessage(58, LogLevel.Error, "The offsets of {Function} are not committed for the group {Group} ({Count} times since this was last logged): {Reason}")]
        public static partial void NotCommitted(ILogger logger, string function, string group, long count, string reason);

        [LoggerMessage(60, LogLevel.Error, "{Function} failed with a batch of {Records} records, which is tried again ({Count} failures since this was last logged): {Reason}")]
        public static partial void Retried(ILogger logger, string function, int records, long count, string reason);
    }
}
