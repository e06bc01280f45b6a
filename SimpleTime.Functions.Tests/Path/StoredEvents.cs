using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>Reads the database of a service that runs, as a person with sqlite3 would.</summary>
internal static class StoredEvents
{
    /// <summary>The one value of a query; -1 while there is no database or no such table.</summary>
    public static async Task<long> CountAsync(string databasePath, string sql)
    {
        if (!File.Exists(databasePath))
        {
            return -1;
        }

        var settings = new SqliteConnectionStringBuilder { DataSource = databasePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        await using var connection = new SqliteConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public static Task<long> RequestsAsync(string databasePath) => CountAsync(databasePath, "SELECT count(DISTINCT event_id) FROM http_requests");

    /// <summary>Requests that have their response.</summary>
    public static Task<long> AnsweredRequestsAsync(string databasePath) => CountAsync(
        databasePath, "SELECT count(*) FROM http_requests q JOIN http_responses r ON r.request_id = q.event_id");
}
