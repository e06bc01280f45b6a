using System.Globalization;
using Microsoft.Data.Sqlite;
using SimpleTime.Functions.Persistence.Sqlite.Guard;
using SQLitePCL;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>One open database file with its write connection and prepared commands. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // SQLite itself waits for a lock. The driver repeats what is busy for its own timeout on top, in seconds; 0 is for ever.
    private const string BusyTimeout = "PRAGMA busy_timeout = 5000";
    private const int DriverTimeout = 1;

    // About as many as make the 1000 pages after which SQLite checkpoints by itself.
    private const int RowsPerCheckpoint = 10_000;
    private static readonly TimeSpan _checkpointInterval = TimeSpan.FromSeconds(1);

    private readonly SqliteConnection _connection;
    private readonly SqliteInserts _inserts;
    private readonly DatabaseGuard _guard;
    private long _rows;
    private bool _isBehind;
    private long _checkpointed = TimeProvider.System.GetTimestamp();

    private SqliteSession(SqliteConnection connection, string path, SchemaChange schemaChange)
    {
        _connection = connection;
        _inserts = new SqliteInserts(connection);
        _guard = new DatabaseGuard(connection, path);
        SchemaChange = schemaChange;
    }

    /// <summary>Gets what opening the file did to its tables.</summary>
    public SchemaChange SchemaChange { get; }

    /// <summary>Gets whether a write-ahead log of other content lay beside the file and was removed.</summary>
    public bool RemovedStaleLog { get; private init; }

    /// <summary>Gets whether enough was written, or left behind by the last one, long enough ago, for <see cref="Checkpoint"/>.</summary>
    public bool IsCheckpointDue =>
        _rows >= RowsPerCheckpoint
        || ((_rows > 0 || _isBehind) && TimeProvider.System.GetElapsedTime(_checkpointed) >= _checkpointInterval);

    /// <summary>Gets the bytes that the write-ahead log has on the disk; 0 when it is not there.</summary>
    public long LogBytes => FileState.Of(SqliteNative.FileName(_connection) + "-wal")?.Size ?? 0;

    /// <summary>Opens the file, and makes or upgrades its tables.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="logBytes">What the write-ahead log is cut to when it grew larger and is begun anew.</param>
    /// <exception cref="EventStoreException">The file is not one that this version can use.</exception>
    /// <exception cref="SqliteException">SQLite cannot open it.</exception>
    public static SqliteSession Open(string path, long logBytes)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWriteCreate, out var removedStaleLog);
        try
        {
            if (Scalar(connection, "PRAGMA journal_mode = WAL") is not "wal")
            {
                throw new EventStoreException(
                    $"DB_PATH {path}: its file system cannot keep a write-ahead log. Point DB_PATH at a local disk.");
            }

            Scalar(connection, "PRAGMA synchronous = FULL");

            Scalar(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {logBytes}"));

            // See DatabaseGuard: only Checkpoint writes the file itself.
            Scalar(connection, "PRAGMA wal_autocheckpoint = 0");
            var change = SqliteSchema.Ensure(connection);
            if (ReadStamp(connection) == 0)
            {
                WriteStamp(connection, 0);
                Scalar(connection, "PRAGMA wal_checkpoint(PASSIVE)");
            }

            return new SqliteSession(connection, path, change) { RemovedStaleLog = removedStaleLog };
        }
        catch
        {
            SqliteNative.KeepLogOnClose(connection);
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection; a log beside the file that continues other content is removed before SQLite reads it.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="mode">Whether the file may be made.</param>
    /// <param name="removedStaleLog">Whether there was such a log.</param>
    /// <exception cref="SqliteException">SQLite cannot open it.</exception>
    public static SqliteConnection Connect(string path, SqliteOpenMode mode, out bool removedStaleLog)
    {
        removedStaleLog = false;
        while (true)
        {
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = false,
                DefaultTimeout = DriverTimeout,
            }.ToString());
            try
            {
                connection.Open();
                if (raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
                {
                    // Reading it would make a log that is read-only too, and stays so when the file no longer is.
                    throw new SqliteException("attempt to write a readonly database", raw.SQLITE_READONLY);
                }

                Scalar(connection, BusyTimeout);
                SqliteNative.KeepLogOnClose(connection);
                if (!IsLogStale(connection))
                {
                    SqliteNative.KeepLogOnClose(connection, false);
                    return connection;
                }

                removedStaleLog = true;
                connection.Dispose();
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Returns what others have done to the files.</summary>
    /// <exception cref="SqliteException">It cannot be told now.</exception>
    public FileChange Check() => _guard.Check();

    /// <summary>Writes a batch in one transaction.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    public PersistSummary Write(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        var summary = _inserts.Run(transaction, batch);
        if (summary.Duplicates < batch.Count)
        {
            WriteStamp(_connection, ReadStamp(_connection));
        }

        cancellationToken.ThrowIfCancellationRequested();
        transaction.Commit();
        _rows += batch.Count - summary.Duplicates;
        return summary;
    }

    /// <summary>
    /// Takes the write-ahead log into the file, up to where the oldest of its readers is, and waits for nobody. When all of it is in the
    /// file and nobody reads it any more, the next transaction begins it anew. Call <see cref="Check"/> right before and after.
    /// </summary>
    public void Checkpoint()
    {
        _checkpointed = TimeProvider.System.GetTimestamp();
        _rows = 0;
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var result = command.ExecuteReader();

        // Whether it was kept from it, the frames in the log, and those of them that are in the file.
        _isBehind = result.Read() && (result.GetInt64(0) != 0 || result.GetInt64(2) < result.GetInt64(1));
    }

    /// <summary>
    /// Closes the files after <see cref="Check"/> found a change. The write-ahead log goes into the file that it belongs to, if
    /// that is still known, and is removed from its place if another file's would have to lie there.
    /// </summary>
    /// <param name="change">What was found.</param>
    /// <returns>What went wrong with taking the log into the file; null when nothing did.</returns>
    public string? Leave(FileChange change)
    {
        string? problem = null;
        if ((change is FileChange.Moved && _guard.LogContinuesFile()) || (change is FileChange.LogLost && _guard.IsLogPlaceFree))
        {
            problem = TryEmptyLog();
        }

        SqliteNative.KeepLogOnClose(_connection);
        _inserts.Dispose();
        _connection.Dispose();
        if (change is FileChange.Moved or FileChange.Overwritten or FileChange.LogLost)
        {
            _guard.RemoveLog();
        }

        _guard.Dispose();
        return problem;
    }

    /// <summary>Closes the files as they are: after a failure nobody knows whether the log still belongs to the file.</summary>
    public void Abandon()
    {
        SqliteNative.KeepLogOnClose(_connection);
        Dispose();
    }

    /// <summary>Closes the files. The last connection of all takes the log into the file and removes it.</summary>
    public void Dispose()
    {
        _inserts.Dispose();
        _connection.Dispose();
        _guard.Dispose();
    }

    private static bool IsLogStale(SqliteConnection connection)
    {
        using var log = WriteAheadLog.Open(SqliteNative.FileName(connection) + "-wal");
        if (log is null || !DatabaseGuard.IsStale(connection, log))
        {
            return false;
        }

        // It may have been looked at while another process wrote to it: looked at again with everybody else kept away.
        try
        {
            using var frozen = connection.BeginTransaction(deferred: false);
            if (!DatabaseGuard.IsStale(connection, log))
            {
                return false;
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            // Two things that do not fit, then: nobody writes to it.
        }

        log.Remove();
        File.Delete(SqliteNative.FileName(connection) + "-shm");
        return true;
    }

    private string? TryEmptyLog()
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            return command.ExecuteScalar() is 0L ? null : "another process reads it.";
        }
        catch (SqliteException exception)
        {
            return exception.Message;
        }
    }

    private static int ReadStamp(SqliteConnection connection) => (int)(long)Scalar(connection, "PRAGMA application_id")!;

    private static void WriteStamp(SqliteConnection connection, int last) => Scalar(
        connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {DatabaseHeader.NextStamp(last)}"));

    private static object? Scalar(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }
}
