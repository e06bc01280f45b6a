using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// The folders under the outbox's root: the one of this process, those that dead ones left, and the one of refused messages. Members block
/// and are for one thread, <see cref="Bytes"/> excepted.
/// </summary>
internal sealed class OutboxFolders : IDisposable
{
    private readonly IOutboxDisk _disk;
    private readonly ILogger<OutboxFolders> _logger;
    private readonly ThrottledLine<(string Path, Exception Error)> _unreadable;
    private readonly ThrottledLine<Exception> _notCarriedOver;
    private readonly DiskUsage _usage;
    private readonly LeftFolders _left;
    private readonly OwnFolder _own;
    private readonly List<OutboxFile> _files = [];
    private readonly FileRemovals _removals;

    /// <summary>Makes the folders; nothing is created or read yet.</summary>
    /// <param name="options">Where the files are, and how large they may be.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="throttled">Makes the lines that could repeat.</param>
    /// <param name="logger">Where it is told.</param>
    public OutboxFolders(OutboxOptions options, IOutboxDisk disk, TimeProvider time, ThrottledLog throttled, ILogger<OutboxFolders> logger)
    {
        _disk = disk;
        _logger = logger;
        _usage = new DiskUsage(options);
        _left = new LeftFolders(disk, _usage);
        _own = new OwnFolder(options, disk, time);
        _removals = new FileRemovals(disk, _usage, OnRemoved, throttled, logger);
        _unreadable = throttled.CreateLine<(string Path, Exception Error)>((last, _) => logger.FolderUnreadable(last.Path, Shown(last.Error.Message)));
        _notCarriedOver = throttled.CreateLine<Exception>((last, _) => logger.FilesNotCarriedOver(Shown(last.Message)));
    }

    /// <summary>Gets what all files under the root take, in bytes: this process's exactly, the others' as of the last <see cref="FindLeft"/>. For any thread.</summary>
    public long Bytes => _usage.Total;

    /// <summary>Creates the root and the folder of this process, unless it has one.</summary>
    /// <exception cref="Exception">The root cannot be used: see <see cref="OutboxDisk.IsDiskError"/>.</exception>
    public void Open() => _own.Open();

    /// <summary>Creates a file in the folder of this process, or in the one of refused messages.</summary>
    /// <exception cref="Exception">It cannot be created: see <see cref="OutboxDisk.IsDiskError"/>.</exception>
    public OutboxFile Create(OutboxFileKind kind)
    {
        SettleClosed();
        var file = OutboxFile.Create(_own.NextPath(kind), kind, _disk, _usage);
        _files.Add(file);
        return file;
    }

    /// <summary>Gets how many bytes this process may write: within what it always may, or what all may together.</summary>
    public long Room => _usage.Room;

    /// <summary>
    /// Takes the folders of dead processes. To be called at the start and every few seconds; what cannot be read is told and tried again.
    /// </summary>
    /// <returns>Their files that were not returned before, oldest first; they stay where they lie.</returns>
    public IReadOnlyList<OutboxFile> FindLeft()
    {
        var root = "";
        try
        {
            root = _own.Root;
            if (!Directory.Exists(root))
            {
                return [];
            }

            _usage.Measure(root, _files.Select(static file => file.Path).ToHashSet());
            var folders = _left.Find(root, _own.Has, (path, error) => _unreadable.Write((Shown(path), error)));
            foreach (var folder in folders)
            {
                _logger.FolderFound(folder.Files.Count, Shown(folder.Path));
            }

            return [.. folders.SelectMany(static folder => folder.Files).OrderBy(static file => Path.GetFileName(file.Path), StringComparer.Ordinal)];
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            _unreadable.Write((Shown(root), e));
            return [];
        }
    }

    /// <summary>Deletes a file that nobody needs. What fails is told, and tried again by <see cref="Check"/>.</summary>
    public void Delete(OutboxFile file) => _removals.Remove(file, isKept: false);

    /// <summary>Puts a damaged file aside, in place of deleting it. What fails is told, and tried again by <see cref="Check"/>.</summary>
    /// <param name="file">The file, when none of its messages is outstanding.</param>
    /// <param name="missing">How many of its messages are missing.</param>
    public void KeepDamaged(OutboxFile file, long missing)
    {
        if (!file.IsReleased)
        {
            _logger.FileDamaged(Shown(file.Path), missing, Shown(Path.GetFileName(file.Path) + OutboxFileNames.DamagedExtension));
            _removals.Remove(file, isKept: true);
        }
    }

    /// <summary>Leaves a file of a dead process, which this version cannot read, where it is.</summary>
    public void LeaveUnknown(OutboxFile file)
    {
        _logger.FileUnknown(Shown(file.Path));
        file.Release();
        _left.LeaveAlone(file);
    }

    /// <summary>
    /// Carries over what somebody else deleted or renamed, and tries again what failed. To be called every second. Disk errors are told.
    /// </summary>
    public void Check()
    {
        SettleClosed();
        CarryOver();
        _removals.Retry();
    }

    /// <summary>Deletes the empty files and folders of this process, and gives up all folders.</summary>
    public void Dispose()
    {
        Check();
        foreach (var file in _files.ToArray())
        {
            file.Close();
            if (file.Bytes > 0 || !_removals.TryRemove(file, isKept: false))
            {
                file.Release();
            }
        }

        _files.Clear();
        _own.ReleaseDisplaced(_files);
        _own.Release();
        _left.Release();
    }

    private static string Shown(string text) => OutboxLog.Shown(text);

    private void OnRemoved(OutboxFile file)
    {
        if (!_files.Remove(file))
        {
            _left.Remove(file);
        }
    }

    private void CarryOver()
    {
        _own.Check();
        var count = 0;
        foreach (var file in _files.Where(_own.IsDisplaced).ToArray())
        {
            try
            {
                file.MoveTo(_own.NextPath(file.Kind));
                count++;
            }
            catch (Exception e) when (OutboxDisk.IsDiskError(e))
            {
                _notCarriedOver.Write(e);
            }
        }

        if (count > 0)
        {
            _logger.FilesCarriedOver(count, Shown(_own.Root));
        }

        _own.ReleaseDisplaced(_files);
    }

    // Deletes what a failed write leaves, and lets go of refused messages.
    private void SettleClosed()
    {
        foreach (var file in _files.Where(static file => !file.IsOpen).ToArray())
        {
            if (file.Bytes == 0)
            {
                _removals.Remove(file, isKept: false);
            }
            else if (file.Kind == OutboxFileKind.Refused)
            {
                // From now on others may delete it.
                file.Release();
                _files.Remove(file);
                _usage.Keep(file.Path, file.Bytes);
            }
        }
    }
}
