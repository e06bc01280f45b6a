using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Storage.Sqlite;

/// <summary>One open database file with its write connection and prepared commands. Used by one thread at a time.</summary>
internal sealed partial class SqliteSession : IDisposable
{
    // SQLite itself waits for a lock. The driver repeats what is busy for its own timeout on top, in seconds; 0 is for ever.
    private const string BusyTimeout = "PRAGMA busy_timeout = 5000";
    private const int DriverTimeout = 1;

    // sqlite3.h: whether the file at the path is no longer the open one.
    private const int FcntlHasMoved = 20;

    private readonly SqliteConnection _connection;
    private readonly SqliteInserts _inserts;

    private SqliteSession(SqliteConnection connection, SqliteInserts inserts, SchemaChange schemaChange)
    {
        _connection = connection;
        _inserts = inserts;
        SchemaChange = schemaChange;
    }

    /// <summary>What opening the file did to its tables.</summary>
    public SchemaChange SchemaChange { get; }

    /// <summary>Whether the file was renamed, removed or replaced: what is written would not be found at the path.</summary>
    public bool FileHasMoved
    {
        get
        {
            var result = FileControl(_connection.Handle!.DangerousGetHandle(), "main", FcntlHasMoved, out var hasMoved);
            return result != SQLitePCL.raw.SQLITE_OK || hasMoved != 0;
        }
    }

    /// <summary>Opens the file, and makes or upgrades its tables.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <exception cref="EventStoreException">The file is not one that this version can use.</exception>
    /// <exception cref="SqliteException">SQLite cannot open it.</exception>
    public static SqliteSession Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = DriverTimeout,
        }.ToString());
        try
        {
            connection.Open();
            Scalar(connection, BusyTimeout);
            if (Scalar(connection, "PRAGMA journal_mode = WAL") is not "wal")
            {
                throw new EventStoreException(
                    $"DB_PATH {path}: its file system cannot keep a write-ahead log. Point DB_PATH at a local disk.");
            }

            Scalar(connection, "PRAGMA synchronous = FULL");
            var change = SqliteSchema.Ensure(connection);
            return new SqliteSession(connection, new SqliteInserts(connection), change);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Writes a batch in one transaction.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    public PersistSummary Write(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        var summary = _inserts.Run(transaction, batch);
        cancellationToken.ThrowIfCancellationRequested();
        transaction.Commit();
        return summary;
    }

    /// <summary>
    /// Takes the write-ahead log into the file and empties it. Closing does so by itself, but not for a file that has
    /// moved: its log would stay at the path, where SQLite would take it for the new file's.
    /// </summary>
    public void Checkpoint() => Scalar(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose()
    {
        _inserts.Dispose();
        _connection.Dispose();
    }

    private static object? Scalar(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint database, string schema, int operation, out int argument);
}
