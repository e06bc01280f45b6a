using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>A loop that <see cref="BackgroundLoops"/> runs. Safe for use by several threads.</summary>
internal sealed partial class BackgroundLoop : IDisposable
{
    private const int MaxFailureLength = 256;
    private const int MaxLoggedLength = 2_048;

    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _logInterval = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _failure;
    private TimeSpan _delay = _firstDelay;
    private long? _loggedAt;
    private long _notLogged;
    private bool _isLoggedFailing;

    internal BackgroundLoop(string name, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        Name = name;
        _interval = interval;
        _time = time;
        _logger = logger;
    }

    /// <summary>Gets the loop's name.</summary>
    public string Name { get; }

    /// <summary>Gets why its last run failed, at most 256 characters on one line; null when that did not fail.</summary>
    public string? Failure => _failure;

    /// <summary>Gets whether the loop has ended, so that nothing of it runs any more.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Asks the loop to end, and waits for that.</summary>
    /// <param name="timeout">How long to wait; work that hangs then is left to the end of the process.</param>
    public async Task StopAsync(TimeSpan timeout)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ended.Task.WaitAsync(timeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Asks the loop to end, and does not wait.</summary>
    public void Dispose() => _stopping.Cancel();

    /// <summary>Runs the work on the calling thread until the loop is asked to end.</summary>
    internal void Run(Action<CancellationToken> work)
    {
        var stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            TimeSpan delay;
            try
            {
                work(stopping);
                delay = Succeed(started);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Nothing that work throws may end a loop, or the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                delay = Fail(e);
            }

            Wait(delay, stopping);
        }

        End();
    }

    /// <summary>Runs the work until the loop is asked to end.</summary>
    internal async Task RunAsync(Func<CancellationToken, Task> work)
    {
        var stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            TimeSpan delay;
            try
            {
                await work(stopping).ConfigureAwait(false);
                delay = Succeed(started);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Nothing that work throws may end a loop.
            catch (Exception e)
#pragma warning restore CA1031
            {
                delay = Fail(e);
            }

            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        End();
    }

    // The system's timers need a free thread of the pool; a wait with a time-out does not.
    private void Wait(TimeSpan delay, CancellationToken stopping)
    {
        if (_time == TimeProvider.System)
        {
            stopping.WaitHandle.WaitOne(delay);
        }
        else
        {
            Task.Delay(delay, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    private TimeSpan Succeed(long started)
    {
        _failure = null;
        _delay = _firstDelay;

        // A loop that fails every other time is logged no more often than one that always fails.
        if (_isLoggedFailing || (_notLogged > 0 && IsLogDue()))
        {
            _isLoggedFailing = false;
            Tell(count => Log.Works(_logger, Name, count));
        }

        var left = _interval - _time.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private TimeSpan Fail(Exception e)
    {
        _failure = SafeText.OneLine(e.Message, MaxFailureLength);
        var delay = _delay;
        _delay = delay * 2 < _longestDelay ? delay * 2 : _longestDelay;
        _notLogged++;
        if (IsLogDue())
        {
            _loggedAt = _time.GetTimestamp();
            _isLoggedFailing = true;
            var reason = SafeText.OneLine(e.ToString(), MaxLoggedLength);
            Tell(count => Log.Failed(_logger, Name, delay, count, reason));
        }

        return delay;
    }

    private void End()
    {
        if (_notLogged > 0)
        {
            Tell(count => Log.Ended(_logger, Name, count));
        }

        _failure = null;
        _ended.SetResult();
    }

    private bool IsLogDue() => _loggedAt is not { } logged || _time.GetElapsedTime(logged) >= _logInterval;

    private void Tell(Action<long> write)
    {
        try
        {
            write(_notLogged);
            _notLogged = 0;
        }
#pragma warning disable CA1031 // What a log provider throws must not end a loop either; the next line counts what this one did not.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "The background loop {Loop} failed and goes on after {Delay} ({Count} failures since this was last logged): {Reason}")]
        public static partial void Failed(ILogger logger, string loop, TimeSpan delay, long count, string reason);

        [LoggerMessage(91, LogLevel.Information, "The background loop {Loop} works again ({Count} failures since this was last logged).")]
        public static partial void Works(ILogger logger, string loop, long count);

        [LoggerMessage(92, LogLevel.Warning, "The background loop {Loop} ends ({Count} failures since this was last logged).")]
        public static partial void Ended(ILogger logger, string loop, long count);
    }
}
