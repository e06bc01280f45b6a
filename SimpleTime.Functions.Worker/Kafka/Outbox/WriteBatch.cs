namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Messages of one destination that the writer writes at once. Not safe for use by several threads.</summary>
/// <param name="destination">The destination.</param>
/// <param name="room">The most bytes that it may take in files.</param>
/// <param name="enough">About how many bytes of files are enough for one write.</param>
internal sealed class WriteBatch(OutboxDestination destination, long room, long enough)
{
    // About what a record has beside the value.
    private const int RecordBytes = 256;

    private long _bytes;

    public OutboxDestination Destination { get; } = destination;

    /// <summary>Gets those that wait: for a backlog file, so that they leave memory.</summary>
    public List<OutboxMessage> Backlog { get; } = [];

    /// <summary>Gets those that a client has, or that stay in memory for another reason: for a journal file.</summary>
    public List<OutboxMessage> Journal { get; } = [];

    public bool IsEmpty => Backlog.Count + Journal.Count == 0;

    public bool IsFull => FileBytes >= enough;

    /// <summary>Gets about how many bytes of files it takes.</summary>
    public long FileBytes => _bytes + ((Backlog.Count + Journal.Count) * RecordBytes);

    /// <summary>Gets whether messages were left out since there is no room for more.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Returns whether there is room for a message.</summary>
    public bool HasRoom(OutboxMessage message)
    {
        IsCut = FileBytes + message.Value.Length + RecordBytes > room;
        return !IsCut;
    }

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
