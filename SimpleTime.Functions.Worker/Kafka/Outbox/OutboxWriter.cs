using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Writes messages that Kafka has not acknowledged in time to files, synced: those that wait to a backlog file, which is read again, those on
/// their way to a journal file, which only another process reads after the death of this one. One thread does all that touches the disk.
/// </summary>
internal sealed partial class OutboxWriter
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _checkInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _leftInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _retryInterval = TimeSpan.FromSeconds(0.5);

    private readonly OutboxOptions _options;
    private readonly OutboxFolders _folders;
    private readonly OutboxMessages _messages;
    private readonly UnwrittenMessages _unwritten;
    private readonly OutboxBacklog _backlog;
    private readonly RefusedWriter _refused;
    private readonly OutboxMetrics _metrics;
    private readonly OutboxLines _lines;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ThrottledLine<string> _failures;
    private readonly OpenFiles _files;
    private int _flushes;
    private long _bytes;
    private bool _isFull;
    private long? _checkedAt;
    private long? _lookedAt;
    private long? _failedAt;

    public OutboxWriter(
        OutboxOptions options, OutboxFolders folders, OutboxMessages messages, UnwrittenMessages unwritten, OutboxBacklog backlog, OutboxMetrics metrics,
        OutboxLines lines, TimeProvider time, ThrottledLog throttled, ILogger<OutboxWriter> logger)
    {
        _options = options;
        _folders = folders;
        _messages = messages;
        _unwritten = unwritten;
        _backlog = backlog;
        _files = new OpenFiles(options, folders, unwritten, backlog);
        _refused = new RefusedWriter(options, folders, unwritten, lines, time);
        _metrics = metrics;
        _lines = lines;
        _time = time;
        _logger = logger;
        metrics.ObserveFiles(() => Volatile.Read(ref _bytes));
        metrics.ObserveAge(GetOldestAge);
        _failures = throttled.CreateLine<string>((reason, count) => Log.Failed(logger, options.Path, count, SafeText.OneLine(reason, 256)));
    }

    /// <summary>Has everything written at once, whatever its age, until <see cref="EndFlush"/>. For any thread.</summary>
    public void BeginFlush()
    {
        Interlocked.Increment(ref _flushes);
        _messages.Writer.Set();
    }

    /// <inheritdoc cref="BeginFlush"/>
    public void EndFlush() => Interlocked.Decrement(ref _flushes);

    /// <summary>Waits for 50 ms, or until there is more to do than usual; then writes, reads back, deletes.</summary>
    public void Run()
    {
        _messages.Writer.WaitOne(_interval);
        var destinations = _messages.GetDestinations();
        if (_failedAt is not { } failedAt || _time.GetElapsedTime(failedAt) >= _retryInterval)
        {
            Note(TryWrite(destinations));
        }

        // A disk that takes nothing can be read.
        _backlog.SortLeft();
        Array.ForEach(destinations, _backlog.Load);
        _backlog.UpdateOldest();
        DeleteFinished();
        Volatile.Write(ref _bytes, _backlog.Bytes + _files.JournalBytes);
    }

    /// <summary>Closes the files and gives up the folders.</summary>
    public void Close()
    {
        _files.CloseAll();
        DeleteFinished();
        _folders.Dispose();
    }

    private TimeSpan GetOldestAge()
    {
        var inFiles = _backlog.Oldest is { } oldest ? _time.GetUtcNow() - oldest : TimeSpan.Zero;
        var inMemory = _messages.OldestAge;
        return inFiles > inMemory ? inFiles : inMemory;
    }

    private void DeleteFinished()
    {
        _files.CloseFinished();
        _backlog.DeleteFinished();
    }

    private string? TryWrite(OutboxDestination[] destinations)
    {
        _isFull = false;
        try
        {
            Look();
            foreach (var destination in destinations)
            {
                Write(destination, destinations);
            }

            _refused.Write();
            return null;
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            return e.Message;
        }
    }

    private void Look()
    {
        _folders.Open();
        if (IsDue(ref _checkedAt, _checkInterval))
        {
            _refused.CloseIdle();
            _folders.Check();
        }

        if (IsDue(ref _lookedAt, _leftInterval))
        {
            _backlog.AddLeft(_folders.FindLeft());
        }
    }

    // One destination leaves half of the disk to the others while they wait.
    private bool MayGrow(OutboxDestination destination, OutboxDestination[] all) =>
        _backlog.BytesOf(destination) < _options.MaxBytes / 2
        || !Array.Exists(all, other => other != destination && _unwritten.HasAny(other));

    private void Write(OutboxDestination destination, OutboxDestination[] all)
    {
        var isFull = true;
        while (isFull && MayGrow(destination, all))
        {
            var batch = _unwritten.Take(destination, Volatile.Read(ref _flushes) > 0, _folders.Room, _options.FileBytes / 2);
            Write(batch, batch.Backlog, OutboxFileKind.Backlog);
            Write(batch, batch.Journal, OutboxFileKind.Journal);
            _isFull |= batch.IsCut;
            isFull = batch.IsFull;
        }
    }

    private void Write(WriteBatch batch, List<OutboxMessage> messages, OutboxFileKind kind)
    {
        if (messages.Count == 0)
        {
            return;
        }

        try
        {
            var file = _files.Get(batch.Destination, kind, batch.FileBytes);
            OutboxRecord[] records = [.. messages.Select(message => message.ToRecord(_time))];
            file.Append(records);
            if (kind == OutboxFileKind.Backlog)
            {
                _backlog.NoteWritten(batch.Destination, file, records);
            }

            _unwritten.Written(messages, file);
            _metrics.Written(messages.Count);
            messages.Clear();
        }
        finally
        {
            if (messages.Count > 0)
            {
                _unwritten.NotWritten([.. batch.Backlog, .. batch.Journal]);
            }
        }
    }

    private void Note(string? failure)
    {
        if (failure is not null)
        {
            _failures.Write(failure);
        }
        else if (_failedAt is not null)
        {
            Log.Usable(_logger, _options.Path);
        }

        _failedAt = failure is null ? null : _time.GetTimestamp();
        _lines.DiskProblem = failure ?? (_isFull ? "EVENT_SPOOL_MAX_BYTES is reached" : null);
    }

    private bool IsDue(ref long? last, TimeSpan interval)
    {
        if (last is { } at && _time.GetElapsedTime(at) < interval)
        {
            return false;
        }

        last = _time.GetTimestamp();
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(42, LogLevel.Error, "EVENT_SPOOL_PATH {Path} cannot be written, messages stay in memory until it can ({Count} times since this was last logged): {Reason}")]
        public static partial void Failed(ILogger logger, string path, long count, string reason);

        [LoggerMessage(43, LogLevel.Information, "EVENT_SPOOL_PATH {Path} can be written now.")]
        public static partial void Usable(ILogger logger, string path);
    }
}
