using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>What the messages that wait in memory take, and may take: a client's queue. Its members need the outbox's lock.</summary>
/// <param name="clients">The limits of a client's queue. As many messages again may be on their way.</param>
internal sealed class OutboxMemory(KafkaClientFactory clients)
{
    // What a slow sync of the disk lets wait.
    private const int LeastCount = 1_000;

    private readonly int _maxCount = Math.Max(LeastCount, clients.ProducerQueueMessages);
    private readonly long _maxBytes = clients.ProducerQueueKbytes * 1024L;

    private int _count;
    private long _bytes;

    /// <summary>Gets whether half of it is in use, so that files should have more of it.</summary>
    public bool IsHalfFull => _count >= _maxCount / 2 || _bytes >= _maxBytes / 2;

    /// <summary>Returns whether there is room for a message.</summary>
    public bool HasRoom(OutboxMessage arriving) => _count < _maxCount && _bytes + arriving.Value.Length <= _maxBytes;

    /// <summary>
    /// Returns what is dropped for a message for which there is no room: of a destination that holds more of the memory, its newest messages, as
    /// many as it takes.
    /// </summary>
    /// <returns>Null when it is the arriving message that is refused.</returns>
    public List<OutboxMessage>? FindToDrop(OutboxMessage arriving, IReadOnlyList<OutboxDestination> destinations)
    {
        var largest = destinations.MaxBy(destination => destination.WaitingBytes)!;
        return largest == arriving.Destination || largest.WaitingBytes < arriving.Destination.WaitingBytes + arriving.Value.Length
            ? null
            : largest.FindNewestInMemory(_count + 1 - _maxCount, _bytes + arriving.Value.Length - _maxBytes);
    }

    /// <summary>Counts a message that begins (1) or ends (-1) to wait in a list of its destination, or among those that are refused for good.</summary>
    public void Count(OutboxMessage message, LinkedList<OutboxMessage> list, int sign)
    {
        var destination = message.Destination;
        var bytes = sign * message.Value.Length;
        if (!message.IsLoaded)
        {
            _count += sign;
            _bytes += bytes;
            destination.WaitingBytes += bytes;
        }
        else if (list == destination.Backlog)
        {
            destination.BacklogBytes += bytes;
        }
    }
}
