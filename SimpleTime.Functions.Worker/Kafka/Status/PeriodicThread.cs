namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>Does something again and again on a thread of its own, since questions to Kafka block. Safe for use by several threads.</summary>
internal sealed class PeriodicThread : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="name">The thread's name.</param>
    /// <param name="interval">From one start to the next: something that takes long must not put off the next time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="work">What to do; it must not throw.</param>
    public PeriodicThread(string name, TimeSpan interval, TimeProvider time, Action<CancellationToken> work)
    {
        var stopping = _stopping.Token;
        new Thread(() =>
        {
            TimeSpan left;
            do
            {
                var started = time.GetTimestamp();
                work(stopping);
                left = interval - time.GetElapsedTime(started);
            }
            while (!stopping.WaitHandle.WaitOne(left > TimeSpan.Zero ? left : TimeSpan.Zero));
            _ended.SetResult();
        })
        { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Tells it to end and waits for that.</summary>
    /// <param name="timeout">How long to wait; what hangs then is left to the end of the process.</param>
    public async Task StopAsync(TimeSpan timeout)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ended.Task.WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Tells it to end, and does not wait.</summary>
    public void Dispose() => _stopping.Cancel();
}
