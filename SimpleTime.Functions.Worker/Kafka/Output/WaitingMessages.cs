namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Accepted messages that no client has any more and the spool has no room for, until either takes them. Bounded. Safe for use by
/// several threads, of which one takes out.
/// </summary>
/// <param name="maxMessages">The most messages.</param>
/// <param name="maxBytes">The most bytes of their values.</param>
internal sealed class WaitingMessages(int maxMessages, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<PendingMessage> _messages = new();
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _messages.Count;
            }
        }
    }

    /// <summary>Adds a message at the end, if there is room.</summary>
    public bool TryAdd(PendingMessage message)
    {
        lock (_lock)
        {
            if (_messages.Count >= maxMessages || _bytes + message.Value.Length > maxBytes)
            {
                return false;
            }

            _messages.Enqueue(message);
            _bytes += message.Value.Length;
            return true;
        }
    }

    /// <summary>The first message; null without any.</summary>
    public PendingMessage? Peek()
    {
        lock (_lock)
        {
            return _messages.TryPeek(out var message) ? message : null;
        }
    }

    /// <summary>Has the first message come after all others.</summary>
    public void MoveFirstToEnd()
    {
        lock (_lock)
        {
            _messages.Enqueue(_messages.Dequeue());
        }
    }

    /// <summary>Takes the first message out.</summary>
    public void RemoveFirst()
    {
        lock (_lock)
        {
            _bytes -= _messages.Dequeue().Value.Length;
        }
    }
}
