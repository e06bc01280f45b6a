using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Tells whether a consumer is a member of its group, and why it is not. Used by the consumer's thread.</summary>
internal sealed class GroupMembership(ListenerContext context)
{
    // A refusal comes again with each attempt to join, every other second.
    private static readonly TimeSpan _quietTime = TimeSpan.FromSeconds(30);

    private readonly ListenerState _state = context.State;
    private long _refused;

    /// <summary>Takes that the group refused the consumer, or what it subscribed to.</summary>
    public void Refused(Error error)
    {
        var reason = SafeText.OneLine(error.Reason, 256);
        _refused = context.Time.GetTimestamp();
        context.Log.GroupRefused(reason);
        _state.Set(PauseCause.Group, $"The group {context.Options.Group} does not take the consumer in: {reason}");
    }

    /// <summary>Takes that the consumer was assigned partitions, or got something from one.</summary>
    public void Joined()
    {
        _state.IsMember = true;
        _state.Set(PauseCause.Group, null);
    }

    /// <summary>Tells whether the consumer is a member now.</summary>
    /// <param name="memberId">The id that the group gave it; null or empty for none.</param>
    public void Check(string? memberId)
    {
        _state.IsMember = !string.IsNullOrEmpty(memberId);
        if (_state.Reason(PauseCause.Group) is not null && !string.IsNullOrEmpty(memberId) && context.Time.GetElapsedTime(_refused) > _quietTime)
        {
            _state.Set(PauseCause.Group, null);
        }
    }
}
