using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Tells whether a consumer is a member of its group, and why it is not. Used by the consumer's thread.</summary>
internal sealed partial class GroupMembership(
    ListenerOptions options, ListenerState state, TimeProvider time, ThrottledLog throttled, ILogger<GroupMembership> logger)
{
    // A refusal comes again with each attempt to join, every other second.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ThrottledLine<string> _refusals = throttled.CreateLine<string>(
        (reason, count) => LogRefused(logger, options.Group, options.Function, count, reason));

    private long _refused;

    /// <summary>Takes that the group refused the consumer, or what it subscribed to.</summary>
    public void Refused(Error error)
    {
        var reason = SafeText.OneLine(error.Reason, 256);
        _refused = time.GetTimestamp();
        state.Set(PauseCause.Group, $"The group {options.Group} does not take the consumer in: {reason}");
        _refusals.Write(reason);
    }

    /// <summary>Takes that the consumer was assigned partitions, or got something from one.</summary>
    public void Joined()
    {
        state.IsMember = true;
        state.Set(PauseCause.Group, null);
    }

    /// <summary>Tells whether the consumer is a member now.</summary>
    /// <param name="memberId">The id that the group gave it; null or empty for none.</param>
    public void Check(string? memberId)
    {
        state.IsMember = !string.IsNullOrEmpty(memberId);
        if (state.Reason(PauseCause.Group) is not null && !string.IsNullOrEmpty(memberId) && time.GetElapsedTime(_refused) > _patience)
        {
            state.Set(PauseCause.Group, null);
        }
    }

    [LoggerMessage(54, LogLevel.Error, "The group {Group} does not take the consumer of {Function} in ({Count} times since this was last logged): {Reason}")]
    private static partial void LogRefused(ILogger logger, string group, string function, long count, string reason);
}
