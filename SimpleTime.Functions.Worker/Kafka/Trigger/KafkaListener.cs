using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Embedded;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Consumes for one function on a thread of its own, with a new consumer whenever one failed for good.</summary>
internal sealed partial class KafkaListener(
    ListenerOptions options, Func<ConsumerSession> createSession, ListenerState state, PollWatchdog watchdog, TimeProvider time, ILogger<KafkaListener> logger)
    : IDisposable
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ListenerOptions Options => options;

    public ListenerState State => state;

    public bool IsEmbedded => EmbeddedBroker.IsNamedBy(options.BrokerList);

    public void Start()
    {
        watchdog.Watch(options.Function, state);
        new Thread(Run) { IsBackground = true, Name = $"kafka-{options.Function}" }.Start();
    }

    /// <summary>Ends when everything in the topic is consumed, at the latest after <paramref name="drainTime"/>, and leaves the group.</summary>
    /// <param name="drainTime">How long to go on consuming; zero ends after the batch in flight.</param>
    /// <param name="stopTime">How long the end itself may take; a client that hangs is left to the end of the process.</param>
    public async Task StopAsync(TimeSpan drainTime, TimeSpan stopTime)
    {
        if (drainTime > TimeSpan.Zero)
        {
            await _draining.CancelAsync().ConfigureAwait(false);
            await _ended.Task.WaitAsync(drainTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ended.Task.WaitAsync(stopTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        watchdog.Dispose();
        if (!_ended.Task.IsCompleted)
        {
            Log.Left(logger, options.Function);
        }
    }

    public void Dispose()
    {
        watchdog.Dispose();
        // A thread that still runs needs them.
        if (_ended.Task.IsCompleted)
        {
            _draining.Dispose();
            _stopping.Dispose();
        }
    }

    private void Run()
    {
        var stopping = _stopping.Token;
        var delay = _firstDelay;
        // The watchdog takes twice the interval for a thread that hangs.
        var longestDelay = options.MaxPollInterval < _longestDelay ? options.MaxPollInterval : _longestDelay;
        while (true)
        {
            var since = time.GetTimestamp();
            try
            {
                using var session = createSession();
                session.Run(_draining.Token, stopping);
                break;
            }
#pragma warning disable CA1031 // Whatever ended the consumer, there must be another.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // One that fails again soon is made ever less often. Two that fence each other last as long as the other one waits.
                delay = time.GetElapsedTime(since) > _longestDelay * 2 ? _firstDelay : delay;
                Log.Failed(logger, options.Function, delay, SafeText.OneLine(e.Message, 512));
                state.Set(PauseCause.Consumer, $"The consumer failed and is replaced: {e.Message}");
            }

            state.LastPoll = time.GetTimestamp();
            if (stopping.WaitHandle.WaitOne(delay))
            {
                break;
            }

            delay = delay * 2 < longestDelay ? delay * 2 : longestDelay;
        }

        _ended.SetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Error, "The consumer of {Function} failed for good and is replaced after {Delay}: {Reason}")]
        public static partial void Failed(ILogger logger, string function, TimeSpan delay, string reason);

        [LoggerMessage(71, LogLevel.Warning, "The consumer of {Function} did not end in time and is left behind.")]
        public static partial void Left(ILogger logger, string function);
    }
}
