using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// The messages in memory, bounded: the one place where their states change. Its members need <see cref="Lock"/>, unless they say otherwise.
/// </summary>
internal sealed class OutboxMessages(KafkaClientFactory clients, TimeProvider time) : IDisposable
{
    // The clock that was read at the acceptance can have been wrong by years; timestamps count up to 292 of them.
    private static readonly TimeSpan _longestAge = TimeSpan.FromDays(36_500);

    private readonly OutboxMemory _memory = new(clients);
    private readonly AcceptanceTimes _times = new(time);

    private long _pending;
    private long _lost;

    public Lock Lock { get; } = new();

    public List<OutboxDestination> Destinations { get; } = [];

    /// <summary>Gets those that Kafka refused for good and no file has yet.</summary>
    public LinkedList<OutboxMessage> RefusedForGood { get; } = [];

    public DurabilityCounts Durability { get; } = new();

    /// <summary>Gets what wakes the writer. For any thread.</summary>
    public AutoResetEvent Writer { get; } = new(false);

    /// <summary>Gets how many messages are accepted and not acknowledged, in memory and in files. For any thread.</summary>
    public long Pending => Volatile.Read(ref _pending);

    /// <summary>Gets how many accepted messages nothing has any more. For any thread.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Gets the age of the oldest message in memory; zero when there is none. For any thread.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (Lock)
            {
                return _times.Oldest is { } oldest ? time.GetElapsedTime(oldest) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Gets whether half of the memory is in use, so that files should have more of it.</summary>
    public bool IsHalfFull => _memory.IsHalfFull;

    public void Dispose() => Writer.Dispose();

    /// <summary>Returns the destinations that there are now. For any thread.</summary>
    public OutboxDestination[] GetDestinations()
    {
        lock (Lock)
        {
            return [.. Destinations];
        }
    }

    /// <summary>Accepts a message if there is room, or can be made.</summary>
    /// <param name="message">The message.</param>
    /// <param name="dropped">How many messages of another destination were dropped for it.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryAccept(OutboxMessage message, out int dropped)
    {
        dropped = 0;
        if (!_memory.HasRoom(message))
        {
            if (_memory.FindToDrop(message, Destinations) is not { } lost)
            {
                return false;
            }

            lost.ForEach(message => End(message, isLost: true));
            dropped = lost.Count;
        }

        Durability.Add(message);
        _times.Add(message);
        _pending++;
        message.Destination.Pending++;
        Wait(message, message.Destination.Fresh);
        if (IsHalfFull)
        {
            Writer.Set();
        }

        return true;
    }

    /// <summary>Adds a message that was read from a file.</summary>
    public void Load(OutboxDestination destination, OutboxRecord record, OutboxFile file)
    {
        var age = time.GetUtcNow() - record.AcceptedAt;
        age = age < TimeSpan.Zero ? TimeSpan.Zero : age > _longestAge ? _longestAge : age;
        var message = new OutboxMessage(destination, record.Value.ToArray(), record.Headers, time.Add(time.GetTimestamp(), -age)) { File = file };
        _times.Add(message);
        if (file.Records == 0)
        {
            // It is a dead process's, which counted it.
            file.Outstanding++;
            _pending++;
            destination.Pending++;
        }

        Wait(message, destination.Backlog);
    }

    /// <summary>Has a message wait in a list of its destination, or among those that are refused for good.</summary>
    public void Wait(OutboxMessage message, LinkedList<OutboxMessage> list, bool isFirst = false)
    {
        message.State = OutboxMessageState.Waiting;
        message.IsSuspect = list != message.Destination.Fresh && list != message.Destination.Backlog;
        if (isFirst)
        {
            list.AddFirst(message.Place);
        }
        else
        {
            list.AddLast(message.Place);
        }

        _memory.Count(message, list, 1);
        UpdateUnwritten(message);
    }

    /// <summary>Gives a waiting message to the writer: nobody sends it meanwhile, and it takes no room of others.</summary>
    public void Claim(OutboxMessage message)
    {
        var list = message.Place.List!;
        list.Remove(message.Place);
        _memory.Count(message, list, -1);
    }

    /// <summary>Gives a waiting message to a client.</summary>
    public void Send(OutboxMessage message, ProducerClient client, PartitionWindow window, long now)
    {
        Claim(message);
        message.State = OutboxMessageState.Sending;
        message.Client = client;
        message.Window = window;
        message.SentAt = now;
        message.Destination.Sending.AddLast(message.Place);
        message.Destination.Producer.Sent(message);
        message.Destination.Sent(message, now);
        window.Sent(time, now);
        UpdateUnwritten(message);
    }

    /// <summary>Takes a message back from its client; it has to wait, or to end, next.</summary>
    public static void Detach(OutboxMessage message)
    {
        message.Destination.Producer.Ended(message);
        message.Destination.Ended(message);
        message.Destination.Sending.Remove(message.Place);
        message.Client = null;
        message.Window = null;
    }

    /// <summary>Ends a message that no client has.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isLost">Whether nothing has it any more.</param>
    public void End(OutboxMessage message, bool isLost = false)
    {
        Forget(message);
        message.LeaveFile();
        _pending--;
        message.Destination.Pending--;
        _lost += isLost ? 1 : 0;
    }

    /// <summary>Has a message leave memory, since a backlog file has it.</summary>
    public void MoveTo(OutboxFile backlog, OutboxMessage message)
    {
        Forget(message);
        message.LeaveFile();
        backlog.Outstanding++;
    }

    /// <summary>Notes the journal file that a message is in, unless it has ended.</summary>
    public void NoteJournal(OutboxFile journal, OutboxMessage message)
    {
        if (message.State != OutboxMessageState.Done)
        {
            Durability.Remove(message);
            message.File = journal;
            journal.Outstanding++;
            UpdateUnwritten(message);
        }
    }

    /// <summary>Notes that some of a file's messages cannot be found in it.</summary>
    /// <param name="destination">Their destination; null for a dead process's file without any that can be.</param>
    /// <param name="file">The file.</param>
    /// <param name="count">How many.</param>
    public void Lose(OutboxDestination? destination, OutboxFile file, long count)
    {
        _lost += count;
        if (destination is not null && file.Records > 0)
        {
            file.Outstanding -= (int)count;
            _pending -= count;
            destination.Pending -= count;
        }
    }

    /// <summary>Keeps the list of what files should have up to date.</summary>
    public static void UpdateUnwritten(OutboxMessage message, bool isFirst = false)
    {
        if (message.ShouldBeWritten && message.Unwritten.List is null)
        {
            if (isFirst)
            {
                message.Destination.Unwritten.AddFirst(message.Unwritten);
            }
            else
            {
                message.Destination.Unwritten.AddLast(message.Unwritten);
            }
        }
        else if (!message.ShouldBeWritten)
        {
            message.Unwritten.List?.Remove(message.Unwritten);
        }
    }

    private void Forget(OutboxMessage message)
    {
        if (message is { State: OutboxMessageState.Waiting, Place.List: not null })
        {
            Claim(message);
        }

        message.State = OutboxMessageState.Done;
        Durability.Remove(message);
        _times.Remove(message);
        UpdateUnwritten(message);
    }
}
