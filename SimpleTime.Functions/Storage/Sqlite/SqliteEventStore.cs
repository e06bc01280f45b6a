using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Storage.Sqlite;

/// <summary>
/// Keeps events in the SQLite file at <c>DB_PATH</c>, which is opened by the first batch and again after a failure.
/// </summary>
internal sealed partial class SqliteEventStore(ServiceSettings settings, ILogger<SqliteEventStore> logger) : IEventStore
{
    private readonly SemaphoreSlim _writer = new(1, 1);
    private SqliteSession? _session;
    private bool _isDisposed;

    public async ValueTask<PersistSummary> PersistAsync(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return Persist(batch, cancellationToken);
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.WaitAsync();
        try
        {
            _isDisposed = true;
            Finish();
        }
        finally
        {
            _writer.Release();
        }
    }

    private PersistSummary Persist(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        try
        {
            if (_session is { FileHasMoved: true })
            {
                Log.FileWasReplaced(logger, settings.DatabasePath);
                Finish();
            }

            _session ??= Open();
            var summary = _session.Write(batch, cancellationToken);

            // It may have gone while it was written to. The repeated batch goes to the file in its place.
            if (_session.FileHasMoved)
            {
                Finish();
                throw new EventStoreException($"DB_PATH {settings.DatabasePath}: the file was replaced while events were written to it.");
            }

            return summary;
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (Exception exception)
        {
            Close();
            throw DatabaseFile.Explain(settings.DatabasePath, exception);
        }
    }

    private SqliteSession Open()
    {
        var session = SqliteSession.Open(DatabaseFile.Prepare(settings.DatabasePath));
        switch (session.SchemaChange)
        {
            case SchemaChange.Created:
                Log.FileWasCreated(logger, settings.DatabasePath);
                break;
            case SchemaChange.Upgraded:
                Log.FileWasUpgraded(logger, settings.DatabasePath, SqliteSchema.Version);
                break;
        }

        return session;
    }

    private void Finish()
    {
        try
        {
            _session?.Checkpoint();
        }
        catch (SqliteException exception)
        {
            // Nothing is lost: whoever opens the file next finds its log.
            Log.CheckpointFailed(logger, settings.DatabasePath, exception.Message);
        }

        Close();
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }

    private static partial class Log
    {
        [LoggerMessage(301, LogLevel.Information, "Created the tables in {Path}.")]
        public static partial void FileWasCreated(ILogger logger, string path);

        [LoggerMessage(302, LogLevel.Information, "Upgraded the tables in {Path} to version {Version}.")]
        public static partial void FileWasUpgraded(ILogger logger, string path, long version);

        [LoggerMessage(303, LogLevel.Warning, "The file at {Path} was moved, removed or replaced; opening what is there now.")]
        public static partial void FileWasReplaced(ILogger logger, string path);

        [LoggerMessage(304, LogLevel.Warning, "The write-ahead log of {Path} stays beside it: {Reason}")]
        public static partial void CheckpointFailed(ILogger logger, string path, string reason);
    }
}
