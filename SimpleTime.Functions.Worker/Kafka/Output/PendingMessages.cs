namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// The accepted messages without an acknowledgement, in the order of their acceptance. The client cannot tell them: what is
/// unacknowledged at a deadline must be known here. Safe for use by several threads.
/// </summary>
internal sealed class PendingMessages
{
    private static long _sequence;

    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];
    private PendingMessage? _oldest;
    private PendingMessage? _newest;
    private PendingMessage? _oldestUncopied;
    private int _count;

    /// <summary>How many there are, without those that come from the spool.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(PendingMessage message)
    {
        lock (_lock)
        {
            message.Sequence = Interlocked.Increment(ref _sequence);
            message.IsPending = true;
            message.Older = _newest;
            if (_newest is null)
            {
                _oldest = message;
            }
            else
            {
                _newest.Newer = message;
            }

            _newest = message;
            _oldestUncopied ??= message;
            _count += message.FromSpool is null ? 1 : 0;
        }
    }

    /// <summary>The next message that was accepted before a moment and not given out here yet; null when there is none.</summary>
    /// <param name="acceptedBefore">A timestamp of the time provider.</param>
    public PendingMessage? NextStraggler(long acceptedBefore)
    {
        lock (_lock)
        {
            if (_oldestUncopied is not { } message || message.AcceptedAt > acceptedBefore)
            {
                return null;
            }

            _oldestUncopied = message.Newer;
            return message;
        }
    }

    /// <summary>Has a message given out once more: the spool does not have it after all.</summary>
    public void ReturnStraggler(PendingMessage message)
    {
        lock (_lock)
        {
            if (message.IsPending && (_oldestUncopied is null || message.Sequence < _oldestUncopied.Sequence))
            {
                _oldestUncopied = message;
            }
        }
    }

    /// <summary>Those of some sequences that are pending still.</summary>
    public List<PendingMessage> Find(IReadOnlySet<long> sequences)
    {
        var found = new List<PendingMessage>();
        lock (_lock)
        {
            for (var message = _oldest; message is not null && found.Count < sequences.Count; message = message.Newer)
            {
                if (sequences.Contains(message.Sequence))
                {
                    found.Add(message);
                }
            }
        }

        return found;
    }

    /// <summary>How many messages are pending, accepted by now and in no spool.</summary>
    public long CountUncopied(long upToSequence) => CountOf(message => !message.IsSpooled && message.AcceptedAs <= upToSequence);

    /// <summary>How many messages are pending that were accepted by then, under whatever sequence they are sent now.</summary>
    public long CountAccepted(long upToSequence) => CountOf(message => message.FromSpool is null && message.AcceptedAs <= upToSequence);

    /// <summary>The sequence of the message accepted last, in the process.</summary>
    public static long LastSequence => Volatile.Read(ref _sequence);

    /// <summary>Takes a message out.</summary>
    /// <returns>False when it was taken out before.</returns>
    public bool Remove(PendingMessage message)
    {
        lock (_lock)
        {
            if (!message.IsPending)
            {
                return false;
            }

            message.IsPending = false;
            if (message.Older is null)
            {
                _oldest = message.Newer;
            }
            else
            {
                message.Older.Newer = message.Newer;
            }

            if (message.Newer is null)
            {
                _newest = message.Older;
            }
            else
            {
                message.Newer.Older = message.Older;
            }

            if (_oldestUncopied == message)
            {
                _oldestUncopied = message.Newer;
            }

            message.Older = message.Newer = null;
            _count -= message.FromSpool is null ? 1 : 0;
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_oldest is null || _oldest.Sequence > _waiters[i].LastSequence)
                {
                    _waiters[i].Done.TrySetResult();
                    _waiters.RemoveAt(i);
                }
            }

            return true;
        }
    }

    /// <summary>The messages for which <paramref name="predicate"/> holds, oldest first.</summary>
    public List<PendingMessage> FindAll(Predicate<PendingMessage> predicate)
    {
        var found = new List<PendingMessage>();
        lock (_lock)
        {
            for (var message = _oldest; message is not null; message = message.Newer)
            {
                if (predicate(message))
                {
                    found.Add(message);
                }
            }
        }

        return found;
    }

    /// <summary>Waits until everything accepted so far is acknowledged or given up.</summary>
    /// <returns>How many of those messages are still pending; 0 unless the time ran out.</returns>
    public async Task<long> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_oldest is null)
            {
                return 0;
            }

            waiter = new Waiter(LastSequence, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Done.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (TimeoutException)
        {
            return CountOf(message => message.Sequence <= waiter.LastSequence);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private long CountOf(Predicate<PendingMessage> predicate)
    {
        lock (_lock)
        {
            var count = 0L;
            for (var message = _oldest; message is not null; message = message.Newer)
            {
                count += predicate(message) ? 1 : 0;
            }

            return count;
        }
    }

    private sealed record Waiter(long LastSequence, TaskCompletionSource Done);
}
