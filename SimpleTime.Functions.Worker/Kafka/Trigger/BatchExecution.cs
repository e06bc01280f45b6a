using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Invocation;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Has a batch invoked until it succeeds or its retries are used up, while the consumer goes on polling with its partitions
/// paused. Offsets are committed after success only. Used by the consumer's thread, which waits here.
/// </summary>
internal sealed partial class BatchExecution(ListenerContext context, PausableConsumer consumer)
{
    // Below this a batch is waited for without a pause, which would throw away what the client has fetched ahead.
    private static readonly TimeSpan _quick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(50);

    // Longer than a batch usually takes: an operator wants to know of one that does not end.
    private static readonly TimeSpan _longTime = TimeSpan.FromMinutes(1);

    // The consumers' part of the 15 s that a shutdown may take.
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(3);

    // A revocation waits for the handler: the group's rebalance waits as long, and no longer than max.poll.interval.
    private static readonly TimeSpan _revocationTime = TimeSpan.FromSeconds(5);

    private readonly ListenerOptions _options = context.Options;
    private readonly ListenerState _state = context.State;
    private readonly TimeProvider _time = context.Time;
    private readonly ILogger _logger = context.Loggers.CreateLogger<BatchExecution>();
    private Task? _running;
    private RecordBatch? _batch;
    private bool _isCommitted;

    /// <summary>Works on a batch until its offsets are given to be committed, it is skipped, or the service stops.</summary>
    public void Execute(RecordBatch batch, CancellationToken stopping)
    {
        _batch = batch;
        for (var retry = 0; !batch.IsEmpty; retry++)
        {
            if (Attempt(batch, retry, stopping) is not { } failure)
            {
                if (retry > 0)
                {
                    Log.WorksAgain(_logger, _options.Function, retry);
                }

                break;
            }

            if (stopping.IsCancellationRequested)
            {
                return;
            }

            if (batch.IsEmpty)
            {
                break;
            }

            if (!_options.Retry.Allows(retry + 1))
            {
                Log.Skipped(_logger, failure, _options.Function, batch.Count, retry);
                consumer.Commit(batch.NextOffsets(), batch.Poll);
                break;
            }

            context.Log.Retried(batch.Count, failure.Message);
            _state.Set(PauseCause.Function, failure.Message);

            PollFor(_options.Retry.Delay(retry + 1, Random.Shared.NextDouble()), stopping);
        }

        _batch = null;
        _state.Set(PauseCause.Function, null);
        consumer.Resume();
    }

    /// <summary>Gives an invocation that runs now the time to end, and has its offsets committed when it succeeded.</summary>
    public void Finish()
    {
        if (_running is { } running && _batch is { } batch && !_isCommitted
            && Task.WaitAny([running], _revocationTime) == 0 && running.IsCompletedSuccessfully)
        {
            consumer.Commit(batch.NextOffsets(), batch.Poll);
            _isCommitted = true;
        }
    }

    private Exception? Attempt(RecordBatch batch, int retry, CancellationToken stopping)
    {
        // Not disposed: what it cancels may go on behind its end.
        var cancellation = new CancellationTokenSource();
        var token = cancellation.Token;
        var invocation = batch.ForInvocation();
        var position = new RetryPosition(retry, _options.Retry.MaxRetries);
        _isCommitted = false;
        var running = _running = Task.Run(() => context.Invoker.InvokeAsync(invocation, batch.Poll, position, token), CancellationToken.None);
        try
        {
            var wait = retry == 0 ? _quick : _pollInterval;
            var started = _time.GetTimestamp();
            var since = _time.GetUtcNow();
            var isLong = false;
            long? stopped = null;
            while (Task.WaitAny([running], wait) < 0)
            {
                wait = _pollInterval;
                if (batch.IsEmpty)
                {
                    // Others have its records now, or nobody: what the function does with them counts for nothing.
                    _ = cancellation.CancelAsync();
                }

                if (stopping.IsCancellationRequested)
                {
                    stopped ??= _time.GetTimestamp();
                    if (_time.GetElapsedTime(stopped.Value) > _stopTime)
                    {
                        _ = cancellation.CancelAsync();
                        return new TimeoutException($"The function {_options.Function} did not end in time.");
                    }
                }
                else if (!isLong && _time.GetElapsedTime(started) >= _longTime)
                {
                    isLong = true;
                    _state.Set(PauseCause.Function, $"The function {_options.Function} has been working on a batch since {since:yyyy-MM-ddTHH:mm:ssZ}.");
                }

                consumer.PollPaused();
            }
        }
        catch
        {
            // There will be another consumer, which gets the batch again: never while the function still works on it.
            _ = cancellation.CancelAsync();
            WaitForEnd(running, stopping);
            throw;
        }
        finally
        {
            _running = null;
        }

        if (!running.IsCompletedSuccessfully)
        {
            return running.Exception?.InnerException ?? new OperationCanceledException();
        }

        if (!_isCommitted)
        {
            consumer.Commit(batch.NextOffsets(), batch.Poll);
        }

        return null;
    }

    private void WaitForEnd(Task running, CancellationToken stopping)
    {
        var since = _time.GetTimestamp();
        while (Task.WaitAny([running], _pollInterval) < 0 && !stopping.IsCancellationRequested)
        {
            _state.LastPoll = _time.GetTimestamp();
            if (_time.GetElapsedTime(since) >= FunctionTimeout.Grace)
            {
                context.EndProcess($"The function {_options.Function} has not ended {FunctionTimeout.Grace} after it was cancelled since its consumer failed");
            }
        }
    }

    private void PollFor(TimeSpan delay, CancellationToken stopping)
    {
        var since = _time.GetTimestamp();
        while (_time.GetElapsedTime(since) < delay && !stopping.IsCancellationRequested)
        {
            consumer.PollPaused();
            stopping.WaitHandle.WaitOne(_pollInterval);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(61, LogLevel.Information, "{Function} works again after {Retries} retries.")]
        public static partial void WorksAgain(ILogger logger, string function, int retries);

        [LoggerMessage(62, LogLevel.Error, "{Function} failed for good with a batch of {Records} records after {Retries} retries; the batch is skipped.")]
        public static partial void Skipped(ILogger logger, Exception exception, string function, int records, int retries);
    }
}
