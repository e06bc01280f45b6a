namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Counts the messages in memory by when they were accepted, to 100 ms, so that the age of the oldest is known without a walk over
/// messages, whose order changes. Its members need the outbox's lock; times are timestamps of the time provider.
/// </summary>
internal sealed class AcceptanceTimes(TimeProvider time)
{
    private readonly long _span = time.TimestampFrequency / 10;
    private readonly SortedDictionary<long, AcceptanceGroup> _groups = [];
    private AcceptanceGroup? _latest;

    /// <summary>Gets when the oldest message was accepted, or at the most 100 ms earlier; null when there is none.</summary>
    public long? Oldest => _groups.Values.FirstOrDefault(group => group.Count > 0)?.Earliest;

    /// <summary>Counts a message that comes to memory.</summary>
    public void Add(OutboxMessage message)
    {
        var key = message.AcceptedAt / _span;
        var group = key == _latest?.Key ? _latest : FindOrAdd(key, message.AcceptedAt);
        group.Count++;
        message.Acceptance = group;
    }

    /// <summary>Counts a message that leaves memory.</summary>
    public void Remove(OutboxMessage message)
    {
        if (message.Acceptance is not { } group)
        {
            return;
        }

        message.Acceptance = null;
        if (--group.Count == 0 && group != _latest)
        {
            _groups.Remove(group.Key);
        }
    }

    private AcceptanceGroup FindOrAdd(long key, long acceptedAt)
    {
        if (_groups.TryGetValue(key, out var group))
        {
            return group;
        }

        _groups[key] = group = new AcceptanceGroup(key, acceptedAt);
        if (_latest is null || key > _latest.Key)
        {
            if (_latest is { Count: 0 })
            {
                _groups.Remove(_latest.Key);
            }

            _latest = group;
        }

        return group;
    }
}

/// <summary>The messages in memory that were accepted within the same 100 ms.</summary>
/// <param name="Key">Its place in the order of groups.</param>
/// <param name="Earliest">When its first message was accepted, as a timestamp of the time provider.</param>
internal sealed record AcceptanceGroup(long Key, long Earliest)
{
    /// <summary>Gets or sets how many there are. Changes under the outbox's lock.</summary>
    public int Count { get; set; }
}
