using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// Deletes files that nobody needs and puts damaged ones aside; what fails is told, and tried again by <see cref="Retry"/>. Not safe for use by
/// several threads.
/// </summary>
/// <param name="disk">The disk.</param>
/// <param name="usage">What the files take.</param>
/// <param name="onRemoved">Told of each file that is gone.</param>
/// <param name="throttled">Makes the line that could repeat.</param>
/// <param name="logger">Where it is told.</param>
internal sealed class FileRemovals(IOutboxDisk disk, DiskUsage usage, Action<OutboxFile> onRemoved, ThrottledLog throttled, ILogger logger)
{
    private readonly List<(OutboxFile File, bool IsKept)> _failed = [];
    private readonly ThrottledLine<(string Path, Exception Error)> _notRemoved =
        throttled.CreateLine<(string Path, Exception Error)>((last, _) => logger.FileNotRemoved(OutboxLog.Shown(last.Path), OutboxLog.Shown(last.Error.Message)));

    /// <summary>Removes a file, now or later.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isKept">Whether it is put aside in place of deleting it.</param>
    public void Remove(OutboxFile file, bool isKept)
    {
        file.Close();
        if (!_failed.Exists(removal => removal.File == file) && !TryRemove(file, isKept))
        {
            _failed.Add((file, isKept));
        }
    }

    /// <summary>Tries again what failed.</summary>
    public void Retry() => _failed.RemoveAll(removal => TryRemove(removal.File, removal.IsKept));

    /// <summary>Removes a file if that is possible now.</summary>
    public bool TryRemove(OutboxFile file, bool isKept)
    {
        if (file.IsReleased)
        {
            return true;
        }

        if (file.IsGone)
        {
            logger.FileGone(OutboxLog.Shown(file.Path));
        }
        else if (!TryRemoveFromDisk(file, isKept))
        {
            return false;
        }

        file.Release();
        var freed = isKept ? 0 : -file.Bytes;
        if (file.IsOwn)
        {
            usage.AddOwn(freed);
        }
        else
        {
            usage.AddOthers(freed);
        }

        onRemoved(file);
        return true;
    }

    private bool TryRemoveFromDisk(OutboxFile file, bool isKept)
    {
        try
        {
            if (isKept)
            {
                var aside = file.Path + OutboxFileNames.DamagedExtension;
                disk.Rename(file.Path, aside);
                if (file.IsOwn)
                {
                    usage.Keep(aside, file.Bytes);
                }
            }
            else
            {
                disk.Delete(file.Path);
            }

            return true;
        }
        catch (Exception e) when (!file.IsOwn && e is FileNotFoundException or DirectoryNotFoundException)
        {
            logger.FileGone(OutboxLog.Shown(file.Path));
            return true;
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            _notRemoved.Write((file.Path, e));
            return false;
        }
    }
}
