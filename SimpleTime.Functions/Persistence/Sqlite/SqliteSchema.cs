using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>Brings a database file to the schema of this version.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema's version, kept as <c>PRAGMA user_version</c>. A new file and one of the original service have 0.</summary>
    public const long Version = 1;

    /// <summary>Creates or upgrades the tables in one transaction; does nothing when they are up to date.</summary>
    /// <param name="connection">An open connection.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="EventStoreException">The file is of a newer version, or has a table of another make.</exception>
    public static SchemaChange Ensure(SqliteConnection connection)
    {
        if (ReadVersion(connection) == Version)
        {
            return SchemaChange.None;
        }

        using var transaction = connection.BeginTransaction(deferred: false);

        // Another process may have been faster between the look and the lock.
        if (ReadVersion(connection, transaction) == Version)
        {
            return SchemaChange.None;
        }

        var change = SchemaChange.Created;
        foreach (var table in StoreTable.All)
        {
            if (ExistingColumns(connection, transaction, table) is { Count: > 0 } existing)
            {
                Upgrade(connection, transaction, table, existing);
                change = SchemaChange.Upgraded;
            }
            else
            {
                Execute(connection, transaction, SqliteStatements.Create(table));
            }

            Execute(connection, transaction, SqliteStatements.CreateIndex(table));
        }

        Execute(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        transaction.Commit();
        return change;
    }

    private static void Upgrade(SqliteConnection connection, SqliteTransaction transaction, StoreTable table, HashSet<string> existing)
    {
        if (!existing.Contains("id"))
        {
            throw new EventStoreException(
                $"DB_PATH {connection.DataSource}: its table {table.Name} has no column id, so it is not of this service. " +
                "Point DB_PATH at another file.");
        }

        foreach (var column in table.Columns.Where(column => !existing.Contains(column.Name)))
        {
            Execute(connection, transaction, SqliteStatements.AddColumn(table, column));
        }

        Execute(connection, transaction, $"UPDATE {table.Name} SET event_id = 'legacy-{table.Name}-' || id WHERE event_id IS NULL");
    }

    private static long ReadVersion(SqliteConnection connection, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        var version = (long)command.ExecuteScalar()!;
        return version is >= 0 and <= Version
            ? version
            : throw new EventStoreException(string.Create(
                CultureInfo.InvariantCulture,
                $"DB_PATH {connection.DataSource}: its schema has version {version}, and this service knows {Version}. Run the version of the service that wrote it, or point DB_PATH at another file."));
    }

    private static HashSet<string> ExistingColumns(SqliteConnection connection, SqliteTransaction transaction, StoreTable table)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT name FROM pragma_table_info('{table.Name}')";
        using var reader = command.ExecuteReader();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string statement)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
