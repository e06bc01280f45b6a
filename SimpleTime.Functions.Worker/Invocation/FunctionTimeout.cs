using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>
/// Cancels invocations that take longer than host.json's <c>functionTimeout</c>, and has the process ended when one goes on for
/// <see cref="Grace"/> all the same: nothing else takes back what it holds. Safe for use by several threads.
/// </summary>
internal sealed partial class FunctionTimeout : IDisposable
{
    /// <summary>How long a cancelled invocation may take to end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // What then still waits for its caller to send or to read fails, and has the rest of the grace to end: no caller ends the process.
    private static readonly TimeSpan _callersTime = TimeSpan.FromSeconds(8);

    // One timer for all: one for each request would cost more than a short function.
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan? _timeout;
    private readonly Action<string> _endProcess;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ThrottledLine<string> _cancellations;
    private readonly ITimer? _timer;
    private readonly Lock _lock = new();

    // In the order of their start, so that a look at the first is enough.
    private readonly LinkedList<Run> _running = [];
    private readonly LinkedList<Run> _cancelled = [];

    /// <summary>Makes the timeout of all functions.</summary>
    /// <param name="timeout">How long an invocation may take; null for no end.</param>
    /// <param name="endProcess">Ends the process in order, for a reason. Does not wait for the end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="throttled">Makes the line that is told once a minute.</param>
    /// <param name="logger">The log.</param>
    public FunctionTimeout(TimeSpan? timeout, Action<string> endProcess, TimeProvider time, ThrottledLog throttled, ILogger<FunctionTimeout> logger)
    {
        _timeout = timeout;
        _endProcess = endProcess;
        _time = time;
        _logger = logger;
        _cancellations = throttled.CreateLine<string>((function, count) => Log.Cancelled(_logger, function, _timeout!.Value, count));
        _timer = timeout is null ? null : time.CreateTimer(_ => Sweep(), null, _period, _period);
    }

    /// <summary>Puts the timeout around the pipeline of the invocations.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <returns>
    /// The pipeline. It throws a <see cref="TimeoutException"/> for an invocation that ended because it was cancelled by the timeout.
    /// </returns>
    public FunctionExecutionDelegate Around(FunctionExecutionDelegate pipeline) =>
        _timeout is null ? pipeline : context => RunAsync(pipeline, context);

    public void Dispose() => _timer?.Dispose();

    private async Task RunAsync(FunctionExecutionDelegate pipeline, FunctionContext context)
    {
        var invocation = FunctionInvocation.Of(context);
        var node = new LinkedListNode<Run>(new Run(invocation, _time.GetTimestamp()));
        lock (_lock)
        {
            _running.AddLast(node);
        }

        try
        {
            await pipeline(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (invocation.IsTimedOut)
        {
            throw new TimeoutException($"The function {invocation.Function.Name} did not end within {_timeout} and was cancelled.", e);
        }
        finally
        {
            lock (_lock)
            {
                node.List!.Remove(node);
            }
        }
    }

    private void Sweep()
    {
        List<string>? cancelled = null;
        string? hanging = null;
        lock (_lock)
        {
            while (_running.First is { } first && _time.GetElapsedTime(first.Value.Started) >= _timeout)
            {
                _running.Remove(first);
                _cancelled.AddLast(first);
                first.Value.Invocation.TimeOut();
                (cancelled ??= []).Add(first.Value.Invocation.Function.Name);
            }

            foreach (var run in _cancelled)
            {
                var overdue = _time.GetElapsedTime(run.Started) - _timeout!.Value;
                if (overdue >= _callersTime)
                {
                    // In the lock the invocation is not over yet, so that it is no other request's context.
                    run.Invocation.HttpContext?.Abort();
                }

                hanging ??= overdue >= Grace ? run.Invocation.Function.Name : null;
            }
        }

        // Outside of the lock that requests take: a log may block.
        if (cancelled is not null)
        {
            _cancellations.Write(cancelled[0], cancelled.Count);
        }

        if (hanging is not null)
        {
            _timer!.Dispose();
            _endProcess($"The function {hanging} has not ended {Grace} after it was cancelled for its functionTimeout of {_timeout}");
        }
    }

    private readonly record struct Run(FunctionInvocation Invocation, long Started);

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Error, "The function {Function} did not end within its functionTimeout of {Timeout} and is cancelled; {Count} invocations since this was last logged.")]
        public static partial void Cancelled(ILogger logger, string function, TimeSpan timeout, long count);
    }
}
