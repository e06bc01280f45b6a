using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Failures;

/// <summary>
/// Counts failed invocations and logs them, but never more than a line a minute for each function: an outage must not
/// flood the log. Safe for use by several threads.
/// </summary>
internal sealed partial class FailureLog(ServiceMetrics metrics, ThrottledLog throttled, ILogger<FailureLog> logger)
{
    private readonly ConcurrentDictionary<string, ThrottledLine<Exception>> _lines = new();

    /// <summary>Counts a failure and logs it: the first at once, others when the function's last line is a minute old.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="exception">Why it failed.</param>
    public void Write(string function, Exception exception)
    {
        metrics.Failed(function);
        _lines.GetOrAdd(function, NewLine).Write(exception);
    }

    private ThrottledLine<Exception> NewLine(string function) =>
        throttled.CreateLine<Exception>((exception, count) => Log.FunctionFailed(logger, function, count - 1, exception));

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Error, "{Function} failed; {Unlogged} more failures since its last such line.")]
        public static partial void FunctionFailed(ILogger logger, string function, long unlogged, Exception exception);
    }
}
