using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Lifetime;

/// <summary>
/// Stops the host in order, with exit code 1, for a fault that only another process mends; ends the process where that takes too long.
/// Safe for use by several threads.
/// </summary>
internal sealed partial class FatalStop(IHostApplicationLifetime lifetime, IProcess process, TimeProvider time, ILogger<FatalStop> logger)
{
    // Of the 15 s that the end may take, with a reserve for timers that come late. What was accepted is acknowledged by Kafka or copied to the
    // spool by then: copying goes on until the outputs stop.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(14);

    [SuppressMessage("CodeQuality", "IDE0052", Justification = "Keeps the timer while the services of the host are disposed.")]
    private static ITimer? _lastResort;

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the stop begins.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Begins the stop; does nothing when it has begun.</summary>
    /// <param name="reason">Why: the beginning of a sentence of the log.</param>
    public void Begin(string reason)
    {
        if (!_begun.TrySetResult())
        {
            return;
        }

        // Before anything that may block, such as a log.
        _lastResort = time.CreateTimer(_ => process.Exit(1), null, _limit, Timeout.InfiniteTimeSpan);
        process.ExitCode = 1;
        Log.Ends(logger, reason, _limit);
        lifetime.StopApplication();
    }

    private static partial class Log
    {
        [LoggerMessage(4, LogLevel.Critical, "{Reason}: the process ends to be restarted, within {Limit}.")]
        public static partial void Ends(ILogger logger, string reason, TimeSpan limit);
    }
}
