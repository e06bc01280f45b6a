namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Counts the accepted messages that neither Kafka nor a file has, so that a flush is answered without a walk over messages: each flush
/// begins a new group and waits for the groups before. Its members need the outbox's lock.
/// </summary>
internal sealed class DurabilityCounts
{
    private readonly Queue<DurabilityGroup> _groups = new([new DurabilityGroup(0)]);
    private DurabilityGroup _newest;

    public DurabilityCounts() => _newest = _groups.Peek();

    /// <summary>Gets how many messages are not durable.</summary>
    public long Total { get; private set; }

    /// <summary>Counts a message that was accepted.</summary>
    public void Add(OutboxMessage message)
    {
        message.NotDurable = _newest;
        _newest.Count++;
        Total++;
    }

    /// <summary>Counts a message as durable, or as lost.</summary>
    public void Remove(OutboxMessage message)
    {
        if (message.NotDurable is { } group)
        {
            message.NotDurable = null;
            group.Count--;
            Total--;
        }
    }

    /// <summary>Has the messages to come counted in another group than those before, unless there are none of these.</summary>
    /// <returns>The number of the last group before.</returns>
    public long Mark()
    {
        var last = _newest;
        if (last.Count == 0)
        {
            // What comes next can go into it.
            return last.Number - 1;
        }

        _newest = new DurabilityGroup(last.Number + 1);
        _groups.Enqueue(_newest);
        return last.Number;
    }

    /// <summary>Returns how many messages of the groups up to a number are not durable.</summary>
    public long CountUpTo(long number)
    {
        while (_groups.Count > 1 && _groups.Peek().Count == 0)
        {
            _groups.Dequeue();
        }

        return _groups.TakeWhile(group => group.Number <= number).Sum(group => (long)group.Count);
    }
}

/// <summary>The messages accepted between two flushes, of which it counts those that are not durable.</summary>
/// <param name="Number">Its place in the order of groups.</param>
internal sealed record DurabilityGroup(long Number)
{
    /// <summary>Gets or sets how many are not durable. Changes under the outbox's lock.</summary>
    public int Count { get; set; }
}
