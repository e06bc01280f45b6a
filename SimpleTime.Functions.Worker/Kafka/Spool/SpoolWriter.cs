using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// The thread that brings the queue to the disk: at once, and synced within <see cref="SpoolOptions.FsyncInterval"/>. Between
/// writes it looks after the segments and the folders. Only the public members are for other threads.
/// </summary>
internal sealed class SpoolWriter
{
    private static readonly TimeSpan _adoptInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _shortestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    private readonly SpoolOptions _options;
    private readonly AppendQueue _queue;
    private readonly FlushWaiters _flushes;
    private readonly SegmentWriter _segments;
    private readonly SegmentCheck _check;
    private readonly FolderKeeper _keeper;
    private readonly WakeSignal _wake;
    private readonly Action<IReadOnlyList<ReadOnlyMemory<byte>>, string> _notSpooled;
    private readonly ILogger _logger;
    private readonly ThrottledLine<string> _failures;
    private readonly List<ReadOnlyMemory<byte>> _group = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile string? _folder;
    private volatile bool _hasLooked;
    private volatile bool _isStopping;
    private int _hasFinished;
    private long _written;
    private volatile bool _isUsable;
    private volatile bool _isToldUnusable;
    private TimeSpan _delay = _shortestDelay;
    private long _retryAt;
    private long _adoptAt;
    private long? _syncAt;

    public SpoolWriter(
        SpoolOptions options, AppendQueue queue, FlushWaiters flushes, SegmentWriter segments, SegmentCheck check, FolderKeeper keeper,
        WakeSignal wake, Action<IReadOnlyList<ReadOnlyMemory<byte>>, string> notSpooled, ThrottledLog throttled, ILogger logger)
    {
        _options = options;
        _queue = queue;
        _flushes = flushes;
        _segments = segments;
        _check = check;
        _keeper = keeper;
        _wake = wake;
        _notSpooled = notSpooled;
        _logger = logger;
        _failures = throttled.CreateLine<string>(WriteFailures);
    }

    /// <summary>The folder that is written to; null while there is none.</summary>
    public string? Folder => _folder;

    /// <summary>Whether the index has what earlier processes left, if the folder can be used.</summary>
    public bool HasLooked => _hasLooked;

    /// <summary>Completes when the thread has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins the thread.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "Spool" }.Start();

    /// <summary>Has the thread write and sync what is in the queue, and end.</summary>
    public void Stop()
    {
        _queue.Close(forGood: true);
        _isStopping = true;
        _wake.Set();
    }

    /// <summary>Has the finished segments deleted.</summary>
    public void DeleteFinished()
    {
        Volatile.Write(ref _hasFinished, 1);
        _wake.Set();
    }

    private void Run()
    {
        _retryAt = _adoptAt = _wake.After(TimeSpan.Zero);
        var isEnded = false;
        while (!isEnded)
        {
            try
            {
                isEnded = Step();
            }
            catch (Exception e)
            {
                // An exception would end the process, for which the spool is not worth it.
                _logger.SpoolMistake(e);
                Fail(e, 0);
                isEnded = _isStopping;
                _wake.WaitUntil(_wake.After(isEnded ? TimeSpan.Zero : _shortestDelay));
            }
        }

        End();
    }

    private bool Step()
    {
        var isStopping = _isStopping;
        OpenIfDue();
        WriteGroup();
        SyncIfDue(isStopping);
        DeleteIfAny();
        if (!isStopping)
        {
            AdoptIfDue();
            _hasLooked = true;
            if (_queue.Bytes <= _options.QueueBytes / 2 && _check.VerifyNext())
            {
                DeleteFinished();
                return false;
            }
        }

        if (!_queue.IsEmpty)
        {
            return false;
        }

        if (!isStopping)
        {
            _wake.WaitUntil(Math.Min(_syncAt ?? long.MaxValue, _isUsable ? _adoptAt : Math.Min(_retryAt, _adoptAt)));
        }

        return isStopping;
    }

    private void OpenIfDue()
    {
        if (_isUsable || !_wake.HasCome(_retryAt))
        {
            return;
        }

        try
        {
            if (_segments.Folder is null)
            {
                _segments.Use(_keeper.Open());
                _folder = _segments.Folder!.Path;
            }

            _segments.Probe();
            _isUsable = true;
            _queue.Open();
            if (_isToldUnusable)
            {
                _isToldUnusable = false;
                _logger.SpoolUsable(_segments.Folder.Path);
            }
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            Fail(e, 0);
        }
    }

    private void WriteGroup()
    {
        _queue.Take(_group, SegmentWriter.WriteBytes);
        if (_group.Count == 0)
        {
            return;
        }

        var done = 0;
        try
        {
            var group = CollectionsMarshal.AsSpan(_group);
            while (done < group.Length)
            {
                done += _segments.Append(group[done..]);
            }

            _written += done;
            _queue.Release(_group);
            _group.Clear();
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            Fail(e, done);
        }

        if (_segments.HasUnsynced)
        {
            // Begun at half the time, it is done within the whole.
            _syncAt ??= _wake.After(_options.FsyncInterval / 2);
        }
    }

    private void SyncIfDue(bool isStopping)
    {
        if (_segments.HasUnsynced && (_wake.HasCome(_syncAt) || (isStopping && _queue.IsEmpty) || _flushes.IsDue(_written)))
        {
            try
            {
                _segments.Sync();
                _delay = _shortestDelay;
            }
            catch (Exception e) when (SpoolDisk.IsDiskError(e))
            {
                Fail(e, 0);
            }
        }

        if (!_segments.HasUnsynced)
        {
            _syncAt = null;
            _flushes.Succeed(_written);
        }
    }

    private void DeleteIfAny()
    {
        if (Interlocked.Exchange(ref _hasFinished, 0) == 1 && _keeper.DeleteFinished(_segments, isBusy: !_queue.IsEmpty))
        {
            Volatile.Write(ref _hasFinished, 1);
        }
    }

    private void AdoptIfDue()
    {
        if (_wake.HasCome(_adoptAt))
        {
            _adoptAt = _wake.After(_adoptInterval);
            if (_segments.Folder is not null)
            {
                _keeper.Adopt();
            }
        }
    }

    /// <summary>Makes the spool unusable for a while, and tells of the records that were waiting.</summary>
    /// <param name="error">Why.</param>
    /// <param name="done">How many of the current group were written.</param>
    private void Fail(Exception error, int done)
    {
        _queue.Close(forGood: false);
        _isUsable = false;
        var lost = _group.Skip(done).ToList();
        _queue.Release(_group);
        _written += _group.Count;
        _group.Clear();
        _queue.Take(_group, int.MaxValue);
        lost.AddRange(_group);
        _queue.Release(_group);
        _written += _group.Count;
        _group.Clear();
        var isOpened = _segments.Folder is not null;
        var delay = isOpened ? _delay : _longestDelay;
        _retryAt = _wake.After(delay);
        _delay = delay * 2 < _longestDelay ? delay * 2 : _longestDelay;
        Tell(isOpened, error.Message, lost);

        // Last: whoever waited, and counts then what is durable, finds those already that are not.
        _flushes.Fail(_written);
    }

    private void Tell(bool isOpened, string reason, List<ReadOnlyMemory<byte>> lost)
    {
        if (isOpened)
        {
            if (lost.Count > 0 || !_isToldUnusable)
            {
                _failures.Write(reason, lost.Count);
            }
        }
        else if (!_isToldUnusable)
        {
            _isToldUnusable = true;
            _logger.SpoolUnusable(_options.Path, SafeText.OneLine(reason, 256));
        }

        if (lost.Count > 0)
        {
            _notSpooled(lost, reason);
        }
    }

    // Also on a timer's thread, when the spool may long be usable again.
    private void WriteFailures(string reason, long lost)
    {
        if (lost > 0 || !_isUsable)
        {
            _isToldUnusable |= !_isUsable;
            _logger.SpoolNotWritten(_options.Path, lost, SafeText.OneLine(reason, 256));
        }
    }

    private void End()
    {
        try
        {
            _segments.Close();
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            Fail(e, 0);
        }

        _keeper.DeleteFinished(_segments, isBusy: false);
        _keeper.Release();
        _flushes.Fail(_written);
        _wake.Dispose();
        _ended.TrySetResult();
    }
}
