using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The writer's side of the messages in memory: what files should have, and have. Safe for use by several threads.</summary>
internal sealed class UnwrittenMessages(OutboxMessages messages, TimeProvider time)
{
    private const int MaxLoaded = 4_000;
    private const int MaxLoadedBytes = 4 << 20;

    // With the linger of 50 ms and the writer's interval, this keeps what kill -9 may take below 200 ms.
    private static readonly TimeSpan _age = TimeSpan.FromMilliseconds(100);

    /// <summary>Claims messages, which are written next; <see cref="Written"/> or <see cref="NotWritten"/> says how that ended.</summary>
    /// <param name="destination">Their destination.</param>
    /// <param name="isUrgent">Whether they are written whatever their age, as when nothing can be sent.</param>
    /// <param name="room">The most bytes that they may take in files.</param>
    /// <param name="enough">About how many bytes of files are enough for one write.</param>
    public WriteBatch Take(OutboxDestination destination, bool isUrgent, long room, long enough)
    {
        var batch = new WriteBatch(destination, room, enough);
        var now = time.GetTimestamp();
        lock (messages.Lock)
        {
            isUrgent |= !destination.IsOpen || messages.IsHalfFull;
            while (!batch.IsFull && destination.Unwritten.First?.Value is { } message && (isUrgent || time.GetElapsedTime(message.AcceptedAt, now) >= _age)
                && batch.HasRoom(message))
            {
                destination.Unwritten.RemoveFirst();
                if (batch.Add(message))
                {
                    messages.Claim(message);
                }
            }
        }

        return batch;
    }

    /// <summary>Notes that messages of a batch are synced in a file; those of a backlog file leave memory.</summary>
    public void Written(IReadOnlyList<OutboxMessage> written, OutboxFile file)
    {
        lock (messages.Lock)
        {
            foreach (var message in written)
            {
                if (file.Kind == OutboxFileKind.Backlog)
                {
                    messages.MoveTo(file, message);
                }
                else
                {
                    messages.NoteJournal(file, message);
                }
            }
        }
    }

    /// <summary>Notes that messages of a batch could not be written: they are where they were.</summary>
    public void NotWritten(IReadOnlyList<OutboxMessage> notWritten)
    {
        lock (messages.Lock)
        {
            foreach (var message in notWritten.Reverse())
            {
                OutboxMessages.UpdateUnwritten(message, isFirst: true);
                if (message is { State: OutboxMessageState.Waiting, Place.List: null })
                {
                    messages.Wait(message, message.Destination.Fresh, isFirst: true);
                }
            }
        }
    }

    /// <summary>Takes messages that Kafka refused for good; <see cref="EndRefused"/> or <see cref="ReturnRefused"/> says how that ended.</summary>
    public IReadOnlyList<OutboxMessage> TakeRefused(int most)
    {
        lock (messages.Lock)
        {
            OutboxMessage[] taken = [.. messages.RefusedForGood.Take(most)];
            Array.ForEach(taken, messages.Claim);
            return taken;
        }
    }

    /// <summary>Ends refused messages.</summary>
    /// <param name="refused">The messages.</param>
    /// <param name="isKept">Whether a file has them; else they are lost.</param>
    public void EndRefused(IReadOnlyList<OutboxMessage> refused, bool isKept)
    {
        lock (messages.Lock)
        {
            foreach (var message in refused)
            {
                messages.End(message, isLost: !isKept);
            }
        }
    }

    /// <summary>Has refused messages written later.</summary>
    public void ReturnRefused(IReadOnlyList<OutboxMessage> refused)
    {
        lock (messages.Lock)
        {
            foreach (var message in refused)
            {
                messages.Wait(message, messages.RefusedForGood);
            }
        }
    }

    /// <summary>Adds messages that were read from a file.</summary>
    public void Load(OutboxDestination destination, IReadOnlyList<OutboxRecord> records, OutboxFile file)
    {
        lock (messages.Lock)
        {
            foreach (var record in records)
            {
                messages.Load(destination, record, file);
            }
        }
    }

    /// <inheritdoc cref="OutboxMessages.Lose"/>
    public void Lose(OutboxDestination? destination, OutboxFile file, long count)
    {
        lock (messages.Lock)
        {
            messages.Lose(destination, file, count);
        }
    }

    /// <summary>Returns whether a file should have messages of a destination.</summary>
    public bool HasAny(OutboxDestination destination)
    {
        lock (messages.Lock)
        {
            return destination.Unwritten.Count > 0;
        }
    }

    /// <summary>Returns how many messages of a file are neither acknowledged nor in another one.</summary>
    public int CountOutstanding(OutboxFile file)
    {
        lock (messages.Lock)
        {
            return file.Outstanding;
        }
    }

    /// <summary>Returns how many messages of backlog files a destination needs now; while it is refused, one to try it with.</summary>
    public int CountWanted(OutboxDestination destination)
    {
        lock (messages.Lock)
        {
            return destination.BacklogBytes >= MaxLoadedBytes ? 0
                : destination.IsOpen ? MaxLoaded - destination.Backlog.Count
                : destination.NeedsProbe ? 1
                : 0;
        }
    }
}
