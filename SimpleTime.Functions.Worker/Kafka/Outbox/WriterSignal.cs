namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Wakes the writer before its interval is over. Safe for use by several threads.</summary>
internal sealed class WriterSignal
{
    private readonly object _lock = new();
    private bool _isSet;

    /// <summary>Ends the writer's wait, or its next one.</summary>
    public void Set()
    {
        lock (_lock)
        {
            _isSet = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Blocks until <see cref="Set"/> is called, or was since the last wait. For the writer's thread.</summary>
    /// <param name="timeout">The longest wait.</param>
    public void Wait(TimeSpan timeout)
    {
        lock (_lock)
        {
            if (!_isSet)
            {
                Monitor.Wait(_lock, timeout);
            }

            _isSet = false;
        }
    }
}
