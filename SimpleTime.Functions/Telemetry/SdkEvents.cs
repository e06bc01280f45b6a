using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Telemetry;

/// <summary>
/// Takes what the OpenTelemetry SDK tells of its troubles, by events alone, to the log: what is wrong with a setting once each, and of
/// failures the first and then a line a minute with their number. Safe for use by several threads.
/// </summary>
internal sealed partial class SdkEvents : EventListener
{
    private const string SourcePrefix = "OpenTelemetry-";
    private const int MaxLength = 512;

    // The settings that can be wrong are fewer.
    private const int MaxNotices = 32;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _notices = [];
    private readonly Queue<Action<ILogger>> _early = [];
    private ILogger? _logger;
    private ThrottledLog? _throttled;
    private ThrottledLine<string>? _failures;
    private string? _earlyFailure;
    private long _earlyFailures;

    /// <summary>Logs what was told so far, and from now on at once.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="time">The clock.</param>
    public void LogTo(ILogger logger, TimeProvider time)
    {
        // Not the app's, which ends before the last exports.
        var throttled = new ThrottledLog(time);
        var failures = throttled.CreateLine<string>((message, count) => Log.SdkFailed(logger, message, count - 1));
        lock (_lock)
        {
            _throttled = throttled;
            _logger = logger;
            _failures = failures;
        }

        while (_early.TryDequeue(out var line))
        {
            line(logger);
        }

        if (_earlyFailure is { } failure)
        {
            failures.Write(failure, _earlyFailures);
        }
    }

    /// <summary>Takes a trouble.</summary>
    /// <param name="name">The name of its kind.</param>
    /// <param name="message">What it is.</param>
    internal void Take(string name, string message)
    {
        if (name == "MetricInstrumentIgnored")
        {
            // Of a meter that nobody asked for.
            return;
        }

        if (IsAboutSetting(name))
        {
            TakeNotice(message);
        }
        else
        {
            TakeFailure(message);
        }
    }

    /// <summary>Logs the failures that are not logged yet.</summary>
    public override void Dispose()
    {
        base.Dispose();
        _throttled?.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith(SourcePrefix, StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        Take(eventData.EventName ?? "", Text(eventData));

    private static bool IsAboutSetting(string name) =>
        name.Contains("Invalid", StringComparison.Ordinal) || name.Contains("UnsupportedProtocol", StringComparison.Ordinal);

    // Payloads may be exceptions with their stack.
    private static string Text(EventWrittenEventArgs data)
    {
        var values = data.Payload?.Select(value => WithoutStack(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).ToArray<object?>() ?? [];
        try
        {
            return SafeText.OneLine(string.Format(CultureInfo.InvariantCulture, data.Message ?? "{0}", values), MaxLength);
        }
        catch (FormatException)
        {
            return SafeText.OneLine(string.Join(' ', values), MaxLength);
        }
    }

    // The first line is the outermost exception, and the last line with an arrow the innermost, which is the cause.
    internal static string WithoutStack(string text)
    {
        var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines is [var first, .. var rest]
            ? rest.LastOrDefault(line => line.StartsWith("---> ", StringComparison.Ordinal)) is { } cause ? $"{first} {cause}" : first
            : "";
    }

    private void TakeNotice(string message)
    {
        lock (_lock)
        {
            if (_notices.Count == MaxNotices || !_notices.Add(message))
            {
                return;
            }
        }

        Tell(logger => Log.SettingIsWrong(logger, message));
    }

    // One fault has several voices: the exporter's, the queue's that fills up, the timer's that is late.
    private void TakeFailure(string message)
    {
        ThrottledLine<string>? failures;
        lock (_lock)
        {
            failures = _failures;
            if (failures is null)
            {
                _earlyFailure = message;
                _earlyFailures++;
            }
        }

        failures?.Write(message);
    }

    // Never within the lock: logging may itself make telemetry.
    private void Tell(Action<ILogger> line)
    {
        ILogger? logger;
        lock (_lock)
        {
            logger = _logger;
            if (logger is null)
            {
                _early.Enqueue(line);
            }
        }

        if (logger is not null)
        {
            line(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(411, LogLevel.Warning, "OpenTelemetry: {Problem}")]
        public static partial void SettingIsWrong(ILogger logger, string problem);

        [LoggerMessage(412, LogLevel.Warning, "Telemetry is lost, the service is not affected: {Reason} ({Count} more since the last such line; the next in a minute at the soonest)")]
        public static partial void SdkFailed(ILogger logger, string reason, long count);
    }
}
