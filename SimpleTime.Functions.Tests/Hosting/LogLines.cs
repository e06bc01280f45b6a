using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Keeps what is logged. Safe for use by several threads.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<LogLine> _lines = [];

    /// <summary>The lines so far: a copy.</summary>
    public IReadOnlyList<LogLine> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>How many lines so far hold a text.</summary>
    public int Count(string text) => All.Count(line => line.Text.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    internal sealed record LogLine(LogLevel Level, string Category, string Text, Exception? Exception);

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines._lock)
            {
                lines._lines.Add(new(logLevel, category, formatter(state, exception), exception));
            }
        }
    }
}
