using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Has a batch invoked until it succeeds or its retries are used up, while the consumer goes on polling with its partitions
/// paused. Offsets are committed after success only. Used by the consumer's thread, which waits here.
/// </summary>
internal sealed partial class BatchExecution(
    ListenerOptions options, ListenerState state, BatchInvoker invoker, PausableConsumer consumer, TimeProvider time,
    ThrottledLog throttled, ILogger<BatchExecution> logger)
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

    private readonly ThrottledLine<(int Records, string Reason)> _failures = throttled.CreateLine<(int Records, string Reason)>(
        (latest, count) => LogRetried(logger, options.Function, latest.Records, count, SafeText.OneLine(latest.Reason, 512)));

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
                    LogWorksAgain(logger, options.Function, retry);
                }

                break;
            }

            if (stopping.IsCancellationRequested)
            {
                return;
            }

            if (!options.Retry.Allows(retry + 1))
            {
                LogSkipped(logger, failure, options.Function, batch.Count, retry);
                consumer.Commit(batch.NextOffsets());
                break;
            }

            state.Set(PauseCause.Function, failure.Message);
            _failures.Write((batch.Count, failure.Message));

            PollFor(options.Retry.Delay(retry + 1, Random.Shared.NextDouble()), stopping);
        }

        _batch = null;
        state.Set(PauseCause.Function, null);
        consumer.Resume();
    }

    /// <summary>Gives an invocation that runs now the time to end, and has its offsets committed when it succeeded.</summary>
    public void Finish()
    {
        if (_running is { } running && _batch is { } batch && !_isCommitted
            && Task.WaitAny([running], _revocationTime) == 0 && running.IsCompletedSuccessfully)
        {
            consumer.Commit(batch.NextOffsets());
            _isCommitted = true;
        }
    }

    private Exception? Attempt(RecordBatch batch, int retry, CancellationToken stopping)
    {
        using var cancellation = new CancellationTokenSource();
        var token = cancellation.Token;
        var invocation = batch.ForInvocation();
        var position = new RetryPosition(retry, options.Retry.MaxRetries);
        _isCommitted = false;
        var running = _running = Task.Run(() => invoker.InvokeAsync(invocation, position, token), CancellationToken.None);
        try
        {
            var wait = retry == 0 ? _quick : _pollInterval;
            var started = time.GetTimestamp();
            var since = time.GetUtcNow();
            var isLong = false;
            long? stopped = null;
            while (Task.WaitAny([running], wait) < 0)
            {
                wait = _pollInterval;
                if (stopping.IsCancellationRequested)
                {
                    stopped ??= time.GetTimestamp();
                    if (time.GetElapsedTime(stopped.Value) > _stopTime)
                    {
                        cancellation.Cancel();
                        return new TimeoutException($"The function {options.Function} did not end in time.");
                    }
                }
                else if (!isLong && time.GetElapsedTime(started) >= _longTime)
                {
                    isLong = true;
                    state.Set(PauseCause.Function, $"The function {options.Function} has been working on a batch since {since:yyyy-MM-ddTHH:mm:ssZ}.");
                }

                consumer.PollPaused();
            }
        }
        catch
        {
            // There will be another consumer, which gets the batch again: never while the function still works on it.
            cancellation.Cancel();
            WaitFor(running, stopping);
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
            consumer.Commit(batch.NextOffsets());
        }

        return null;
    }

    private void WaitFor(Task running, CancellationToken stopping)
    {
        while (Task.WaitAny([running], _pollInterval) < 0 && !stopping.IsCancellationRequested)
        {
            state.LastPoll = time.GetTimestamp();
        }
    }

    private void PollFor(TimeSpan delay, CancellationToken stopping)
    {
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < delay && !stopping.IsCancellationRequested)
        {
            consumer.PollPaused();
            stopping.WaitHandle.WaitOne(_pollInterval);
        }
    }

    [LoggerMessage(60, LogLevel.Error, "{Function} failed with a batch of {Records} records, which is tried again ({Count} failures since this was last logged): {Reason}")]
    private static partial void LogRetried(ILogger logger, string function, int records, long count, string reason);

    [LoggerMessage(61, LogLevel.Information, "{Function} works again after {Retries} retries.")]
    private static partial void LogWorksAgain(ILogger logger, string function, int retries);

    [LoggerMessage(62, LogLevel.Error, "{Function} failed for good with a batch of {Records} records after {Retries} retries; the batch is skipped.")]
    private static partial void LogSkipped(ILogger logger, Exception exception, string function, int records, int retries);
}
