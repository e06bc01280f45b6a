using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Ends the process when a poll loop has been silent for twice max.poll.interval: the group has given its partitions away and
/// nothing in this process will take them back (kafka-extension #259). Started once, from one thread.
/// </summary>
internal sealed partial class PollWatchdog(TimeSpan maxPollInterval, TimeProvider time, Action<string> end, ILogger<PollWatchdog> logger) : IDisposable
{
    private ITimer? _timer;

    public void Watch(string function, ListenerState state)
    {
        state.LastPoll = time.GetTimestamp();
        var limit = maxPollInterval * 2;
        var period = maxPollInterval / 4;
        _timer = time.CreateTimer(_ => Check(function, state, limit), null, period, period);
    }

    public void Dispose() => _timer?.Dispose();

    private void Check(string function, ListenerState state, TimeSpan limit)
    {
        var silence = time.GetElapsedTime(state.LastPoll);
        if (silence <= limit)
        {
            return;
        }

        _timer?.Dispose();
        LogSilent(logger, function, silence);
        end($"The consumer of {function} has not polled for {silence}, more than twice max.poll.interval: the process ends to be restarted.");
    }

    [LoggerMessage(40, LogLevel.Critical, "The consumer of {Function} has not polled for {Silence}, more than twice max.poll.interval: the process ends to be restarted.")]
    private static partial void LogSilent(ILogger logger, string function, TimeSpan silence);
}
