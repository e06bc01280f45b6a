namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Messages of one destination that the writer writes at once. Not safe for use by several threads.</summary>
/// <param name="destination">The destination.</param>
/// <param name="maxBytes">About the most bytes of a file that it takes, unless a single message is larger.</param>
internal sealed class WriteBatch(OutboxDestination destination, long maxBytes)
{
    // About what a record has besides its value.
    private const int RecordBytes = 256;

    private long _bytes;

    public OutboxDestination Destination { get; } = destination;

    /// <summary>Gets those that wait: for a backlog file, so that they leave memory.</summary>
    public List<OutboxMessage> Backlog { get; } = [];

    /// <summary>Gets those that a client has, or that stay in memory for another reason: for a journal file.</summary>
    public List<OutboxMessage> Journal { get; } = [];

    public bool IsEmpty => Backlog.Count + Journal.Count == 0;

    public bool IsFull => FileBytes >= maxBytes;

    /// <summary>Gets about how many bytes of a file it takes.</summary>
    public long FileBytes => _bytes + ((Backlog.Count + Journal.Count) * RecordBytes);

    /// <summary>Adds a message.</summary>
    /// <returns>Whether it is for a backlog file.</returns>
    public bool Add(OutboxMessage message)
    {
        var isBacklog = message is { State: OutboxMessageState.Waiting, IsSuspect: false };
        (isBacklog ? Backlog : Journal).Add(message);
        _bytes += message.Value.Length;
        return isBacklog;
    }
}
