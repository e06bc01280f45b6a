namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>A table as it is created, upgraded and inserted into. Immutable.</summary>
/// <param name="name">The table's name.</param>
/// <param name="columns">Its columns but for the id, as they stand in the statement that creates it.</param>
internal sealed class SqliteTable(string name, params string[] columns)
{
    public static SqliteTable HttpRequests { get; } = new(
        "http_requests",
        "user_ip TEXT", "method TEXT", "endpoint TEXT", "hostname TEXT", "os TEXT",
        "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP", "event_id TEXT");

    public static SqliteTable HttpResponses { get; } = new(
        "http_responses",
        "user_ip TEXT", "status_code INTEGER", "response_time_ms REAL",
        "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP", "event_id TEXT", "request_id TEXT");

    public static SqliteTable Errors { get; } = new(
        "errors",
        "error_message TEXT", "error_type TEXT", "endpoint TEXT", "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP", "event_id TEXT");

    public static SqliteTable CustomEvents { get; } = new(
        "custom_events",
        "event_type TEXT", "data TEXT", "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP", "event_id TEXT");

    public static SqliteTable DeadLetters { get; } = new(
        "dead_letters",
        "topic TEXT", "partition INTEGER", "\"offset\" INTEGER", "key BLOB", "payload BLOB", "payload_bytes INTEGER", "reason TEXT",
        "timestamp DATETIME DEFAULT CURRENT_TIMESTAMP", "event_id TEXT", "replayed_at DATETIME");

    public static IReadOnlyList<SqliteTable> All { get; } = [HttpRequests, HttpResponses, Errors, CustomEvents, DeadLetters];

    public string Name => name;

    /// <summary>The columns but for the id, each with its definition.</summary>
    public IReadOnlyList<string> Columns => columns;

    public string CreateStatement => $"CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, {string.Join(", ", columns)})";

    public string IndexStatement => $"CREATE UNIQUE INDEX IF NOT EXISTS {name}_event_id ON {name} (event_id)";

    /// <summary>The name of a column, without its quotes.</summary>
    public static string ColumnName(string column) => column[..column.IndexOf(' ', StringComparison.Ordinal)].Trim('"');

    /// <summary>An insert that leaves a record out whose id is there already, and fails for anything else.</summary>
    /// <param name="written">The columns to write, as parameters <c>$0</c>, <c>$1</c> and so on.</param>
    public string InsertStatement(params ReadOnlySpan<string> written)
    {
        var values = string.Join(", ", Enumerable.Range(0, written.Length).Select(index => $"${index}"));
        return $"INSERT INTO {name} ({string.Join(", ", written!)}) VALUES ({values}) ON CONFLICT(event_id) DO NOTHING";
    }
}
