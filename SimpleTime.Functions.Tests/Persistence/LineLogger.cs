using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Persistence.Sqlite;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>Keeps what a store logs.</summary>
internal sealed class LineLogger : ILogger<SqliteEventStore>
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    /// <summary>The lines so far, as <c>id text</c>.</summary>
    public IReadOnlyList<string> Lines => [.. _lines.Select(line => $"{line.Id} {line.Text}")];

    /// <summary>How many lines have an id.</summary>
    public int Count(int id) => _lines.Count(line => line.Id == id);

    /// <summary>Forgets the lines so far.</summary>
    public void Clear() => _lines.Clear();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception)));
}
