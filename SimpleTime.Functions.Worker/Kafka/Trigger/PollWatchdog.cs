namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Ends the process when a poll loop has been silent for twice max.poll.interval: the group has given its partitions away and
/// nothing in this process will take them back (kafka-extension #259). A process that was itself suspended is silent too: it takes two
/// silent looks in a row, the usual time apart. Started once, from one thread.
/// </summary>
/// <param name="maxPollInterval">max.poll.interval.</param>
/// <param name="time">The clock.</param>
/// <param name="endProcess">Ends the process in order, for a reason. Does not wait for the end.</param>
internal sealed class PollWatchdog(TimeSpan maxPollInterval, TimeProvider time, Action<string> endProcess) : IDisposable
{
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long? _silentAt;

    public void Watch(string function, ListenerState state)
    {
        state.LastPoll = time.GetTimestamp();
        var limit = maxPollInterval * 2;
        var period = maxPollInterval / 4;
        _timer = time.CreateTimer(_ => Check(function, state, limit, period), null, period, period);
    }

    public void Dispose() => _timer?.Dispose();

    private void Check(string function, ListenerState state, TimeSpan limit, TimeSpan period)
    {
        TimeSpan silence;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            silence = time.GetElapsedTime(state.LastPoll, now);
            var last = _silentAt;
            _silentAt = silence > limit ? now : null;
            if (last is null || _silentAt is null || !IsUsual(time.GetElapsedTime(last.Value, now), period))
            {
                return;
            }
        }

        _timer?.Dispose();
        endProcess($"The consumer of {function} has not polled for {silence}, more than twice max.poll.interval");
    }

    // A timer that is late, or early after that, tells of a process that did not run.
    private static bool IsUsual(TimeSpan elapsed, TimeSpan period) => elapsed > period / 2 && elapsed < period * 1.5;
}
