using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>
/// Runs the background loops of the process. A loop goes on whatever its work throws, says so, and tries again ever less often; the
/// gauge <c>functions.background_loops.failing</c> shows it. Safe for use by several threads.
/// </summary>
internal sealed class BackgroundLoops
{
    private readonly TimeProvider _time;
    private readonly ILogger<BackgroundLoops> _logger;
    private readonly Lock _lock = new();
    private readonly List<BackgroundLoop> _loops = [];

    public BackgroundLoops(TimeProvider time, IMeterFactory meters, ILogger<BackgroundLoops> logger)
    {
        _time = time;
        _logger = logger;
        meters.Create(WorkerMeter.Name).CreateObservableGauge(
            "functions.background_loops.failing", Measure, description: "1 while a background loop of this name fails.");
    }

    /// <summary>Runs work that blocks, such as questions to Kafka, on a thread of its own.</summary>
    /// <param name="name">The loop's name, which is the thread's and a label of the gauge: one of a few.</param>
    /// <param name="interval">The time from one start to the next; zero for at once.</param>
    /// <param name="work">What to do each time. Its token is cancelled when the loop is to end.</param>
    public BackgroundLoop RunOnThread(string name, TimeSpan interval, Action<CancellationToken> work)
    {
        var loop = Add(name, interval);
        Start(loop, () => new Thread(() =>
        {
            loop.Run(work);
            Remove(loop);
        })
        { IsBackground = true, Name = name }.Start());
        return loop;
    }

    /// <summary>Runs work on the thread pool.</summary>
    /// <param name="name">The loop's name, which is a label of the gauge: one of a few.</param>
    /// <param name="interval">The time from one start to the next; zero for at once.</param>
    /// <param name="work">What to do each time. Its token is cancelled when the loop is to end.</param>
    public BackgroundLoop Run(string name, TimeSpan interval, Func<CancellationToken, Task> work)
    {
        var loop = Add(name, interval);
        Start(loop, () => _ = Task.Run(async () =>
        {
            await loop.RunAsync(work).ConfigureAwait(false);
            Remove(loop);
        }));
        return loop;
    }

    private void Start(BackgroundLoop loop, Action start)
    {
        try
        {
            start();
        }
        catch
        {
            // The system gives no thread now, and the caller may try again.
            Remove(loop);
            throw;
        }
    }

    private BackgroundLoop Add(string name, TimeSpan interval)
    {
        var loop = new BackgroundLoop(name, interval, _time, _logger);
        lock (_lock)
        {
            _loops.Add(loop);
        }

        return loop;
    }

    private void Remove(BackgroundLoop loop)
    {
        lock (_lock)
        {
            _loops.Remove(loop);
        }
    }

    private List<Measurement<long>> Measure()
    {
        lock (_lock)
        {
            return [.. _loops.GroupBy(loop => loop.Name).Select(loops => new Measurement<long>(
                loops.Any(loop => loop.Failure is not null) ? 1 : 0, new KeyValuePair<string, object?>("loop.name", loops.Key)))];
        }
    }
}
