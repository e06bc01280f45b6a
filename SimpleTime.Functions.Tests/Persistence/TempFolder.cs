using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Settings;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>A folder of a test's own, removed with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Root = Directory.CreateTempSubdirectory("simple-time-tests-").FullName;

    public string Root { get; }

    public string Database => Path.Combine(Root, "events.db");

    public static SqliteEventStore Store(string path, ILogger<SqliteEventStore>? logger = null) => new(
        Settings(path), new StoreMetrics(new UnusedMeters()), logger ?? NullLogger<SqliteEventStore>.Instance);

    public static ServiceSettings Settings(string path) =>
        ServiceSettings.From(new ConfigurationBuilder().AddInMemoryCollection([new("DB_PATH", path)]).Build());

    public SqliteEventStore Store() => Store(Database);

    public static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    public static void Execute(string path, string statements)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query, the columns of each separated by bars.</summary>
    public static string[] Query(string path, string query)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(
                column => reader.IsDBNull(column) ? "NULL" : Convert.ToString(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture))));
        }

        return [.. rows];
    }

    public string[] Query(string query) => Query(Database, query);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public static CustomEventRow Row(string id, string data = "{}") => new(id, "2026-03-01T12:00:00.000000Z", "x", data);

    private sealed class UnusedMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
