namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Chooses the message of a destination that is sent next, its client and its partition. Its members need the outbox's lock, and return null
/// when none can be sent now.
/// </summary>
internal sealed class OutboxSelection(OutboxMessages messages)
{
    // More are not sent at once in batches of their own; and while more wait for that, no others are sent.
    private const int MaxSingle = 100;
    private const int MaxSuspects = 1_000;

    /// <summary>Gives a message to the main client, which makes batches.</summary>
    public OutboxMessage? TakeBatched(OutboxDestination destination, long now)
    {
        if (!destination.IsOpen || destination.Suspects.Count >= MaxSuspects || destination.NextWaiting() is not { } message
            || !destination.Producer.Main.IsUsable || !destination.Producer.HasRoom(message) || destination.Windows.Choose(now) is not { } window)
        {
            return null;
        }

        messages.Send(message, destination.Producer.Main, window, now);
        return message;
    }

    /// <summary>Gives a message that was in a refused batch to the second client.</summary>
    public OutboxMessage? TakeSuspect(OutboxDestination destination, long now) =>
        destination.IsOpen && destination.NextSuspect(now) is { } message && destination.SingleCount < MaxSingle && destination.Windows.Choose(now) is { } window
            ? SendSingle(message, window, now)
            : null;

    /// <summary>Gives a message to the second client, to try a refused destination or a stuck partition.</summary>
    public OutboxMessage? TakeProbe(OutboxDestination destination, long now)
    {
        var isRefused = destination.IsProbeDue(now);
        var window = isRefused ? destination.Windows.ChooseAny() : destination.Refusal is null ? destination.Windows.ChooseStuck(now) : null;
        var message = window is null ? null : isRefused ? destination.NextProbe(MaxSuspects) : destination.NextSuspect(now) ?? destination.NextWaiting();
        return message is null ? null : SendSingle(message, window!, now);
    }

    private OutboxMessage? SendSingle(OutboxMessage message, PartitionWindow window, long now)
    {
        if (message.Destination.Producer.Single is not { IsUsable: true } single)
        {
            return null;
        }

        messages.Send(message, single, window, now);
        return message;
    }
}
