namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>Those who wait until the records up to a certain one are on the disk for certain. Safe for use by several threads.</summary>
internal sealed class FlushWaiters
{
    private readonly Lock _lock = new();
    private readonly List<(long Target, TaskCompletionSource<bool> Done)> _waiters = [];
    private long _settled;

    /// <summary>Waits for the first <paramref name="target"/> records.</summary>
    /// <returns>False when some that were still to be written then were lost.</returns>
    public Task<bool> WaitAsync(long target)
    {
        lock (_lock)
        {
            if (target <= _settled)
            {
                return Task.FromResult(true);
            }

            var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((target, done));
            return done.Task;
        }
    }

    /// <summary>Whether somebody waits for no more than what is written already.</summary>
    public bool IsDue(long written)
    {
        lock (_lock)
        {
            return _waiters.Exists(waiter => waiter.Target <= written);
        }
    }

    /// <summary>Answers those who wait for no more than the first <paramref name="settled"/> records.</summary>
    public void Succeed(long settled)
    {
        lock (_lock)
        {
            _settled = settled;
            foreach (var (target, done) in _waiters)
            {
                if (target <= settled)
                {
                    done.TrySetResult(true);
                }
            }

            _waiters.RemoveAll(waiter => waiter.Target <= settled);
        }
    }

    /// <summary>Tells all that records were lost, of which <paramref name="settled"/> is the last.</summary>
    public void Fail(long settled)
    {
        lock (_lock)
        {
            _settled = settled;
            _waiters.ForEach(waiter => waiter.Done.TrySetResult(false));
            _waiters.Clear();
        }
    }
}
