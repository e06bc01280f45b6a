namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The messages accepted between two flushes, of which it counts those that are not durable.</summary>
/// <param name="Number">Its place in the order of groups.</param>
internal sealed record DurabilityGroup(long Number)
{
    /// <summary>How many are not durable. Changes under the outbox's lock.</summary>
    public int Count { get; set; }
}
