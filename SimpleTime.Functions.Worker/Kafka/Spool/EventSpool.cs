using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Keeps records on disk until they are replayed: append-only segment files with checksums, written at once by a thread of
/// their own. Records come again after a restart as long as one of their segment is not completed. Safe for use by several
/// threads, except that one at a time calls <see cref="Peek"/>.
/// </summary>
internal sealed class EventSpool : IAsyncDisposable
{
    private static readonly TimeSpan _stopDeadline = TimeSpan.FromSeconds(5);

    private readonly SegmentIndex _index = new();
    private readonly FlushWaiters _flushes = new();
    private readonly AppendQueue _queue;
    private readonly SpoolReplay _replay;
    private readonly SpoolWriter _writer;
    private readonly WakeSignal _wake;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _state;

    /// <summary>Makes a spool, which does nothing before <see cref="Start"/>.</summary>
    /// <param name="options">Where and how much.</param>
    /// <param name="notSpooled">
    /// Gets the payloads that were taken but could not be written, and why. It is called by the writing thread and must neither
    /// block nor throw; counting them is left to it.
    /// </param>
    /// <param name="time">The clock.</param>
    /// <param name="throttled">Makes the line of failures.</param>
    /// <param name="logger">Where changes of state and damage are told.</param>
    /// <param name="disk">The disk; the real one when null.</param>
    public EventSpool(
        SpoolOptions options, Action<IReadOnlyList<ReadOnlyMemory<byte>>, string> notSpooled, TimeProvider time, ThrottledLog throttled,
        ILogger<EventSpool> logger, ISpoolDisk? disk = null)
    {
        disk ??= new SpoolDisk();
        _time = time;
        _logger = logger;
        _wake = new WakeSignal(time);
        _queue = new AppendQueue(options, _index);
        var folders = new SpoolFolders(options.Path);
        var segments = new SegmentWriter(options, disk, _index, time, logger);
        var check = new SegmentCheck(options, _index, folders, logger);
        var keeper = new FolderKeeper(folders, _index, disk, logger);
        _writer = new SpoolWriter(options, _queue, _flushes, segments, check, keeper, _wake, notSpooled, throttled, logger);
        _replay = new SpoolReplay(options, _index, _writer.DeleteFinished, folders.Ignore, logger);
    }

    /// <summary>Whether the disk takes records, as far as is known: true until a failure, and again after it.</summary>
    public bool IsUsable => Volatile.Read(ref _state) == 1 && _queue.IsOpen;

    /// <summary>The folder that this process writes to; null while there is none.</summary>
    public string? Folder => _writer.Folder;

    /// <summary>The bytes on disk and on their way there.</summary>
    public long Bytes => _index.Bytes + _queue.Bytes;

    /// <summary>The records that are not completed; those of an earlier process count some moments after the start.</summary>
    /// <remarks>Read in the direction that they go: none is overlooked.</remarks>
    public long Records => _queue.Records + _index.Records;

    /// <summary>
    /// Whether there is nothing to replay, now or later, and no segment on disk; false until the folder was looked into.
    /// </summary>
    public bool IsEmpty => _writer.HasLooked && _queue.Records == 0 && _index.IsEmpty;

    /// <summary>
    /// Begins to take records and, in the background, to use the folder. Never throws: a folder that cannot be used is one line
    /// in the log, and is tried again every 30 s. Calls after the first do nothing.
    /// </summary>
    public void Start()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
        {
            _writer.Start();
        }
    }

    /// <summary>Takes a record to be written. Does no I/O and waits for none. A refusal is not counted or logged here.</summary>
    /// <param name="payload">The record, which must not change any more.</param>
    /// <param name="refusal">Why it was not taken; <see cref="AppendRefusal.None"/> when it was.</param>
    /// <returns>Whether it was taken.</returns>
    public bool TryAppend(ReadOnlyMemory<byte> payload, out AppendRefusal refusal)
    {
        refusal = Volatile.Read(ref _state) == 1 ? _queue.TryAdd(payload) : AppendRefusal.Unusable;
        if (refusal != AppendRefusal.None)
        {
            return false;
        }

        _wake.Set();
        return true;
    }

    /// <summary>Waits until everything that was taken so far is written and synced.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <returns>False when the time ran out, or when some of it could not be written, or is not known to be synced.</returns>
    public async ValueTask<bool> FlushAsync(TimeSpan timeout)
    {
        var flushed = _flushes.WaitAsync(_queue.Appended);
        if (!flushed.IsCompleted)
        {
            _wake.Set();
        }

        try
        {
            return await flushed.WaitAsync(timeout, _time).ConfigureAwait(false) && !_index.HasDoubtful();
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc cref="SpoolReplay.Peek"/>
    public IReadOnlyList<SpooledRecord> Peek(int maxRecords, int maxBytes) => _replay.Peek(maxRecords, maxBytes);

    /// <inheritdoc cref="SpoolReplay.Complete"/>
    public void Complete(SpooledRecord record) => _replay.Complete(record);

    /// <inheritdoc cref="SpoolReplay.Return"/>
    public void Return(SpooledRecord record) => _replay.Return(record);

    /// <inheritdoc cref="SpoolReplay.Rewind"/>
    public void Rewind() => _replay.Rewind();

    /// <summary>
    /// Takes no more records, writes and syncs those it has, and gives up the folders; waits at most 5 s for that. Calls after the
    /// first do nothing.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var state = Interlocked.Exchange(ref _state, 2);
        if (state != 1)
        {
            if (state == 0)
            {
                _wake.Dispose();
            }

            return;
        }

        _writer.Stop();
        try
        {
            await _writer.Ended.WaitAsync(_stopDeadline).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.WriterLeftBehind();
        }
    }
}
