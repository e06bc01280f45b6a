using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>An accepted message in memory. What can be set changes under the lock of the <see cref="Outbox"/>.</summary>
internal sealed class OutboxMessage
{
    /// <param name="destination">Where it goes.</param>
    /// <param name="value">The value.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <param name="acceptedAt">When it was accepted, as a timestamp of the time provider.</param>
    public OutboxMessage(OutboxDestination destination, byte[] value, Headers? headers, long acceptedAt)
    {
        Destination = destination;
        Value = value;
        Headers = headers;
        AcceptedAt = acceptedAt;
        Place = new LinkedListNode<OutboxMessage>(this);
        Unwritten = new LinkedListNode<OutboxMessage>(this);
    }

    public OutboxDestination Destination { get; }

    public byte[] Value { get; }

    public Headers? Headers { get; }

    public long AcceptedAt { get; }

    public OutboxMessageState State { get; set; }

    /// <summary>Gets or sets the file that has it, synced; null while none does.</summary>
    public OutboxFile? File { get; set; }

    /// <summary>Gets or sets what counts it until it is durable; null once it is.</summary>
    public DurabilityGroup? NotDurable { get; set; }

    /// <summary>Gets or sets what counts it by its time of acceptance while it is in memory; null once it is not.</summary>
    public AcceptanceGroup? Acceptance { get; set; }

    /// <summary>Gets or sets the client that has it; null unless it is <see cref="OutboxMessageState.Sending"/>.</summary>
    public ProducerClient? Client { get; set; }

    /// <summary>Gets or sets the partition that it is on its way to; null unless it is <see cref="OutboxMessageState.Sending"/>.</summary>
    public PartitionWindow? Window { get; set; }

    /// <summary>Gets or sets when the client got it, as a timestamp of the time provider.</summary>
    public long SentAt { get; set; }

    /// <summary>Gets or sets whether it is sent in a batch of its own: it was in one that Kafka refused.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Gets or sets how often Kafka refused it in a batch of its own.</summary>
    public int Refusals { get; set; }

    /// <summary>Gets or sets when that happened first, as a timestamp of the time provider.</summary>
    public long FirstRefusedAt { get; set; }

    /// <summary>Gets or sets when that happened last, as a timestamp of the time provider.</summary>
    public long LastRefusedAt { get; set; }

    /// <summary>Gets or sets when it is sent again, as a timestamp of the time provider.</summary>
    public long NextTryAt { get; set; }

    /// <summary>Gets or sets why Kafka refused it last.</summary>
    public string? RefusalReason { get; set; }

    /// <summary>Gets its place in a list of its destination: each message is in one of them at the most.</summary>
    public LinkedListNode<OutboxMessage> Place { get; }

    /// <summary>Gets its place in the list of what a file should have.</summary>
    public LinkedListNode<OutboxMessage> Unwritten { get; }

    /// <summary>Counts it as outstanding no more in the file that has it.</summary>
    public void LeaveFile()
    {
        if (File is { } file)
        {
            file.Outstanding--;
        }
    }

    /// <summary>Tells its destination how its delivery ended.</summary>
    public void OnReport(DeliveryReport<Null, byte[]> report) => Destination.OnReport(this, report.Error);

    /// <summary>Gets whether it was read from a backlog file.</summary>
    public bool IsLoaded => File is { Kind: OutboxFileKind.Backlog };

    /// <summary>Gets whether a file should have it: none does, or a journal alone although no client has it.</summary>
    public bool ShouldBeWritten =>
        State != OutboxMessageState.Done && (File is null || (State == OutboxMessageState.Waiting && !IsSuspect && File.Kind == OutboxFileKind.Journal));

    /// <summary>Returns the message as a file has it.</summary>
    public OutboxRecord ToRecord(TimeProvider time) => new(
        time.GetUtcNow() - time.GetElapsedTime(AcceptedAt), Destination.BrokerSetting, Destination.Topic, Headers, Value);
}

/// <summary>Where an accepted message is.</summary>
internal enum OutboxMessageState
{
    /// <summary>No client has it.</summary>
    Waiting,

    /// <summary>A client has it, and Kafka has not acknowledged it.</summary>
    Sending,

    /// <summary>It is in memory no more: Kafka acknowledged it, a backlog file or that of refused messages has it, or it was dropped.</summary>
    Done,
}
