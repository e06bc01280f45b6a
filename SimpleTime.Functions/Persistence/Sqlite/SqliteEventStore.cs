using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Persistence.Sqlite.Guard;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>
/// Keeps events in the SQLite file at <c>DB_PATH</c>, which is opened by the first batch and again after a failure.
/// </summary>
/// <remarks>
/// A batch is reported as stored only if, after its commit, the file at the path is the one that was written to and its log
/// belongs to it: <see cref="DatabaseGuard"/>. Otherwise it fails, and its repetition goes to the file that is there
/// then. What was stored before in a file that somebody replaced is gone with that file.
/// </remarks>
internal sealed class SqliteEventStore(ServiceSettings settings, StoreMetrics metrics, ILogger<SqliteEventStore> logger) : IEventStore
{
    // How often the files are looked after between batches.
    private static readonly TimeSpan _watchInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly PersisterLock _lock = new();
    private readonly WriteAheadLogSize _logSize = new(settings, metrics, logger);
    private SqliteSession? _session;
    private Task? _watch;
    private bool _isSecond;
    private bool _isWatchFailing;
    private bool _isBeingReplaced;
    private bool _isDisposed;

    /// <summary>Gets what a write-ahead log has when it is large enough to be told, in bytes.</summary>
    public long LargeLogBytes { get; init; } = 256 << 20;

    /// <summary>Gets what is kept of a write-ahead log that grew larger, in bytes: more than it grows to between two checkpoints of a busy service.</summary>
    public long KeptLogBytes { get; init; } = 16 << 20;

    public async ValueTask<PersistSummary> PersistAsync(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return await WriteAsync(batch, cancellationToken);
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
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Finish();
            _lock.Dispose();
        }
        finally
        {
            _writer.Release();
        }

        await _stopping.CancelAsync();
        await (_watch ?? Task.CompletedTask);
        _stopping.Dispose();
    }

    private async ValueTask<PersistSummary> WriteAsync(IReadOnlyList<StoredRecord> batch, CancellationToken cancellationToken)
    {
        using var span = StoreSpan.Start("sqlite", DatabaseFile.Shown(settings.DatabasePath), batch.Count);
        try
        {
            if (_session is { } open)
            {
                LeaveIf(open.Check());
            }

            var session = _session ??= await OpenAsync(cancellationToken);
            var summary = session.Write(batch, cancellationToken);
            if (LeaveIf(session.Check()) || (session.IsCheckpointDue && !Checkpoint(session)))
            {
                throw new EventStoreException(
                    $"DB_PATH {DatabaseFile.Shown(settings.DatabasePath)}: the file was replaced or changed by another program while events were written to it.");
            }

            return summary;
        }
        catch (OperationCanceledException exception)
        {
            StoreSpan.Fail(span, exception, null);
            throw;
        }
        catch (Exception exception)
        {
            CloseAfterFailure();
            var explained = DatabaseFile.Explain(settings.DatabasePath, exception);
            StoreSpan.Fail(span, explained, (exception as SqliteException)?.SqliteExtendedErrorCode);
            throw explained;
        }
    }

    private async ValueTask<SqliteSession> OpenAsync(CancellationToken cancellationToken)
    {
        var path = DatabaseFile.Prepare(settings.DatabasePath);
        if (_isBeingReplaced)
        {
            await DatabaseFile.WaitUntilQuietAsync(path, settings.DatabasePath, cancellationToken);
        }

        var session = SqliteSession.Open(path, KeptLogBytes);
        _isBeingReplaced = false;
        if (session.RemovedStaleLog)
        {
            StoreLog.StaleLogWasRemoved(logger, settings.DatabasePath);
        }

        switch (session.SchemaChange)
        {
            case SchemaChange.Created:
                StoreLog.FileWasCreated(logger, settings.DatabasePath);
                break;
            case SchemaChange.Upgraded:
                StoreLog.FileWasUpgraded(logger, settings.DatabasePath, SqliteSchema.Version);
                break;
        }

        _logSize.Tell(session.LogBytes, LargeLogBytes);
        TakeLock();
        _watch ??= Task.Run(WatchAsync, CancellationToken.None);
        return session;
    }

    private bool LeaveIf(FileChange change)
    {
        switch (change)
        {
            case FileChange.None:
                return false;
            case FileChange.Moved:
                StoreLog.FileWasReplaced(logger, settings.DatabasePath);
                break;
            case FileChange.LogLost or FileChange.IndexLost:
                StoreLog.LogWasRemoved(logger, settings.DatabasePath);
                break;
            default:
                StoreLog.FileWasOverwritten(logger, settings.DatabasePath);
                break;
        }

        _isBeingReplaced = change is FileChange.Moved or FileChange.Overwritten or FileChange.Unexplained;
        var session = _session!;
        _session = null;
        if (session.Leave(change) is { } problem)
        {
            StoreLog.CheckpointFailed(logger, settings.DatabasePath, problem);
        }

        return true;
    }

    /// <summary>Returns whether the file is still the one that was written to.</summary>
    private bool Checkpoint(SqliteSession session)
    {
        try
        {
            session.Checkpoint();
        }
        catch (SqliteException exception)
        {
            // What is committed is safe in the log.
            StoreLog.CheckpointFailed(logger, settings.DatabasePath, exception.Message);
        }

        _logSize.Tell(session.LogBytes, LargeLogBytes);
        return !LeaveIf(session.Check());
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_watchInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (await _writer.WaitAsync(TimeSpan.Zero, _stopping.Token))
                {
                    try
                    {
                        Look();
                    }
                    finally
                    {
                        _writer.Release();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>
    /// Looks after the files while there is no batch: a log beside a replaced file would damage it for whoever opens it next.
    /// </summary>
    private void Look()
    {
        if (_isDisposed)
        {
            return;
        }

        try
        {
            TakeLock();
            if (_session is { } session && !LeaveIf(session.Check()) && session.IsCheckpointDue)
            {
                Checkpoint(session);
            }

            _isWatchFailing = false;
        }
        catch (Exception exception)
        {
            // The next batch meets it again, or opens the file anew.
            Abandon();
            if (!_isWatchFailing)
            {
                _isWatchFailing = true;
                StoreLog.WatchFailed(logger, settings.DatabasePath, SafeText.OneLine(exception.Message, 512));
            }
        }
    }

    private void TakeLock()
    {
        var isSecond = !_lock.TryTake(Path.GetFullPath(settings.DatabasePath));
        if (isSecond && !_isSecond)
        {
            StoreLog.AnotherPersists(logger, settings.DatabasePath);
        }
        else if (_isSecond && !isSecond)
        {
            StoreLog.PersistsAlone(logger, settings.DatabasePath);
        }

        _isSecond = isSecond;
    }

    private void Finish()
    {
        try
        {
            // Closing takes the log into the file for the last connection of all processes alone.
            if (_session is { } session && !LeaveIf(session.Check()) && Checkpoint(session))
            {
                session.Dispose();
                _session = null;
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            // Nothing is lost: whoever opens the file next finds its log.
            StoreLog.CheckpointFailed(logger, settings.DatabasePath, exception.Message);
            Abandon();
        }
    }

    /// <summary>Closes the files after a failure, of which somebody who replaced the file may be the cause.</summary>
    private void CloseAfterFailure()
    {
        try
        {
            if (_session is { } session)
            {
                LeaveIf(session.Check());
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            // The failure at hand says more.
        }

        Abandon();
    }

    private void Abandon()
    {
        _session?.Abandon();
        _session = null;
    }
}
