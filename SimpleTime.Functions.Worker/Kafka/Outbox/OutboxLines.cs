using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The lines that tell of lost and refused messages, once a minute each, or for each destination. Safe for use by several threads.</summary>
internal sealed partial class OutboxLines
{
    private const int MaxLength = 256;

    private readonly OutboxMetrics _metrics;
    private readonly ThrottledLine<string> _dropped;
    private readonly ConcurrentDictionary<OutboxDestination, ThrottledLine<string>> _refused = new();
    private readonly Func<OutboxDestination, ThrottledLine<string>> _createRefused;
    private readonly ThrottledLine<(string Reason, string Path)> _refusedForGood;

    public OutboxLines(OutboxMetrics metrics, ThrottledLog throttled, ILogger<OutboxLines> logger)
    {
        _metrics = metrics;
        _dropped = throttled.CreateLine<string>((reason, count) => Log.Dropped(logger, count, SafeText.OneLine(reason, MaxLength)));
        _createRefused = destination => throttled.CreateLine<string>((reason, count) =>
            Log.Refused(logger, count, destination.Topic, SafeText.OneLine(reason, MaxLength)));
        _refusedForGood = throttled.CreateLine<(string Reason, string Path)>((latest, count) =>
            Log.RefusedForGood(logger, count, SafeText.OneLine(latest.Reason, MaxLength), latest.Path));
    }

    /// <summary>Gets or sets why the disk takes no messages; null while it does.</summary>
    public string? DiskProblem { get; set; }

    /// <summary>Counts and tells messages for which there was no room.</summary>
    public void NoRoom(long count) => Dropped($"memory is full, and so is the disk or it fails: {DiskProblem ?? "it is too slow"}", count);

    /// <summary>Counts and tells messages that nothing has.</summary>
    public void Dropped(string reason, long count)
    {
        _metrics.Dropped(count);
        _dropped.Write(reason, count);
    }

    /// <summary>Tells that Kafka refused a message, which waits.</summary>
    public void Refused(OutboxDestination destination, string reason) => _refused.GetOrAdd(destination, _createRefused).Write(reason);

    /// <summary>Counts and tells a message that Kafka refused for good and that a file has.</summary>
    public void RefusedForGood(string reason, string path)
    {
        _metrics.Rejected();
        _refusedForGood.Write((reason, path));
    }

    private static partial class Log
    {
        [LoggerMessage(36, LogLevel.Error, "{Count} messages for Kafka were dropped since this was last logged, the latest because: {Reason}")]
        public static partial void Dropped(ILogger logger, long count, string reason);

        [LoggerMessage(37, LogLevel.Error, "Kafka refused messages for the topic {Topic}, which wait and are tried again ({Count} times since this was last logged): {Reason}")]
        public static partial void Refused(ILogger logger, long count, string topic, string reason);

        [LoggerMessage(38, LogLevel.Error, "Kafka refused {Count} messages for good since this was last logged, the latest because: {Reason} They are kept in {Path}.")]
        public static partial void RefusedForGood(ILogger logger, long count, string reason, string path);
    }
}
