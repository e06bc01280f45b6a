namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Chooses the partition of each message, as Kafka's own producer does (KIP-794): one for as long as a batch takes to fill, then the one
/// with the fewest messages on their way. The client's own choice spreads messages over partitions that take none, until its queue is full
/// of them. Its members need the outbox's lock.
/// </summary>
/// <param name="batchTime">How long a partition is kept.</param>
/// <param name="most">The most messages on their way to all partitions together.</param>
/// <param name="time">The clock.</param>
internal sealed class PartitionWindows(TimeSpan batchTime, int most, TimeProvider time)
{
    private readonly Dictionary<int, PartitionWindow> _byId = [];
    private readonly List<PartitionWindow> _windows = [];
    private IReadOnlyList<int> _leaders = [];
    private int _current;
    private long _currentSince;

    /// <summary>Gets whether a partition has a leader.</summary>
    public bool HasLeader => _leaders.Count > 0;

    private int MostOfOne => Math.Max(1, most / Math.Max(1, _leaders.Count));

    /// <summary>Notes which partitions have a leader.</summary>
    /// <param name="leaders">Their ids; a list that does not change.</param>
    public void Update(IReadOnlyList<int> leaders)
    {
        if (ReferenceEquals(leaders, _leaders))
        {
            return;
        }

        _leaders = leaders;
        foreach (var window in _windows)
        {
            window.HasLeader = false;
        }

        foreach (var id in leaders)
        {
            if (!_byId.TryGetValue(id, out var window))
            {
                window = new PartitionWindow(id);
                _byId.Add(id, window);
                _windows.Add(window);
            }

            window.HasLeader = true;
        }
    }

    /// <summary>Looks which partitions are stuck.</summary>
    public void Check(long now)
    {
        foreach (var window in _windows)
        {
            window.Check(time, now);
        }
    }

    /// <summary>Returns the partition for a message; null when none may get one.</summary>
    public PartitionWindow? Choose(long now)
    {
        if (_current < _windows.Count && _windows[_current].IsOpen(MostOfOne, now) && time.GetElapsedTime(_currentSince, now) < batchTime)
        {
            return _windows[_current];
        }

        PartitionWindow? best = null;
        var mostOfOne = MostOfOne;
        for (var i = 1; i <= _windows.Count; i++)
        {
            var index = (_current + i) % _windows.Count;
            if (_windows[index] is var window && window.IsOpen(mostOfOne, now) && (best is null || window.Sending < best.Sending))
            {
                best = window;
            }
        }

        if (best is not null)
        {
            _current = _windows.IndexOf(best);
            _currentSince = now;
        }

        return best;
    }

    /// <summary>Returns a stuck partition that it is time to try; null when there is none.</summary>
    public PartitionWindow? ChooseStuck(long now) => _windows.Find(window => window.IsProbeDue(now));

    /// <summary>Returns the partitions that acknowledge nothing.</summary>
    public IReadOnlyList<int> FindStuck() =>
        _windows.Exists(static window => window.IsStuck) ? [.. _windows.Where(static window => window.IsStuck).Select(static window => window.Id)] : [];

    /// <summary>Returns whether a partition needs the client that tries stuck ones.</summary>
    public bool NeedsSingle(long now) => _windows.Exists(window => window.IsLongStuck(time, now));

    /// <summary>Returns the partition with a leader that has the fewest messages on their way; null when none has a leader.</summary>
    public PartitionWindow? ChooseAny() => _windows.Where(window => window.HasLeader).MinBy(window => window.Sending);
}
