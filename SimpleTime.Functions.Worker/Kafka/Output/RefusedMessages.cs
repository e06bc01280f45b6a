namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>A feature of a request, of whose messages the outputs did not take all. Immutable.</summary>
internal sealed class RefusedMessages
{
    private RefusedMessages()
    {
    }

    public static RefusedMessages Instance { get; } = new();
}
