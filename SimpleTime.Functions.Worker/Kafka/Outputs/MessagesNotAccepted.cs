namespace SimpleTime.Functions.Worker.Kafka.Outputs;

/// <summary>A feature of a request, of whose messages the outputs did not take all. Immutable.</summary>
internal sealed class MessagesNotAccepted
{
    private MessagesNotAccepted()
    {
    }

    public static MessagesNotAccepted Instance { get; } = new();
}
