using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Events;

/// <summary>
/// Counts failed invocations and logs them, but never more than a line a minute for each function: an outage must not
/// flood the log. Safe for use by several threads.
/// </summary>
internal sealed partial class FailureLog(ServiceMetrics metrics, TimeProvider time, ILogger<FailureLog> logger)
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Line> _lines = new();

    /// <summary>Counts a failure, and logs it when the function's last line is a minute old.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="exception">Why it failed.</param>
    public void Write(string function, Exception exception)
    {
        metrics.Failed(function);
        var line = _lines.GetOrAdd(function, static _ => new Line());
        long unlogged;
        lock (line)
        {
            var now = time.GetTimestamp();
            if (line.LastTimestamp is { } last && time.GetElapsedTime(last, now) < _interval)
            {
                line.Unlogged++;
                return;
            }

            unlogged = line.Unlogged;
            line.Unlogged = 0;
            line.LastTimestamp = now;
        }

        Log.FunctionFailed(logger, function, unlogged, exception);
    }

    private sealed class Line
    {
        public long? LastTimestamp { get; set; }

        public long Unlogged { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Error, "{Function} failed; {Unlogged} more failures since its last such line.")]
        public static partial void FunctionFailed(ILogger logger, string function, long unlogged, Exception exception);
    }
}
