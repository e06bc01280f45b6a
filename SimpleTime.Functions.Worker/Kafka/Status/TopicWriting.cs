namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>What becomes of the messages that are sent to a topic. Immutable.</summary>
/// <param name="Problem">Why nothing is acknowledged; null when something is.</param>
/// <param name="AcknowledgedAt">When Kafka acknowledged one last, as a timestamp of the time provider; null when it never did.</param>
/// <param name="Stuck">The partitions that acknowledge nothing.</param>
internal sealed record TopicWriting(string? Problem, long? AcknowledgedAt, IReadOnlyList<int> Stuck)
{
    public static TopicWriting Fine { get; } = new(null, null, []);
}
