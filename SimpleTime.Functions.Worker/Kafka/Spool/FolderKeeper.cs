using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Owns the folders: brings their segments into the index, deletes those that are finished, and gives up emptied folders.
/// Members block. Not safe for use by several threads.
/// </summary>
internal sealed class FolderKeeper(SpoolFolders folders, SegmentIndex index, ISpoolDisk disk, ILogger logger)
{
    private readonly List<SpoolFolder> _adopted = [];
    private SpoolFolder? _own;

    /// <summary>Takes a folder to write to, with what is in it.</summary>
    /// <exception cref="Exception">The path cannot be used: see <see cref="SpoolDisk.IsDiskError"/>.</exception>
    public SpoolFolder Open()
    {
        if (_own is null)
        {
            var folder = folders.TakeFirstFree();
            try
            {
                AddSegments(folder);
            }
            catch
            {
                folders.Release(folder);
                throw;
            }

            _own = folder;
        }

        return _own;
    }

    /// <summary>Takes the folders with segments that no process owns.</summary>
    public void Adopt()
    {
        try
        {
            while (folders.TryAdopt() is { } folder)
            {
                _adopted.Add(folder);
                AddSegments(folder);
                logger.FolderAdopted(folder.Path);
            }
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            // It is tried again soon, and nothing is lost.
        }
    }

    /// <summary>Deletes the segments that nobody needs, and gives up the folders that this empties.</summary>
    /// <param name="writer">Who writes to one of the segments.</param>
    /// <param name="isBusy">Whether it is about to go on, so that its segment is spared.</param>
    /// <returns>Whether one was spared.</returns>
    public bool DeleteFinished(SegmentWriter writer, bool isBusy)
    {
        var isSpared = false;
        foreach (var segment in index.Finished())
        {
            if (segment == writer.Current)
            {
                if (isBusy)
                {
                    isSpared = true;
                    continue;
                }

                writer.Abandon();
            }

            Delete(segment);
        }

        for (var i = _adopted.Count - 1; i >= 0; i--)
        {
            if (!index.HasAnyOf(_adopted[i]))
            {
                folders.Release(_adopted[i]);
                _adopted.RemoveAt(i);
            }
        }

        return isSpared;
    }

    /// <summary>Gives up all folders.</summary>
    public void Release()
    {
        _adopted.ForEach(folders.Release);
        _adopted.Clear();
        if (_own is not null)
        {
            folders.Release(_own);
            _own = null;
        }
    }

    private void AddSegments(SpoolFolder folder)
    {
        foreach (var segment in folder.FindSegments())
        {
            if (!folders.IsIgnored(segment))
            {
                index.Add(segment);
            }
        }
    }

    private void Delete(Segment segment)
    {
        try
        {
            disk.Delete(segment.Path);
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            folders.Ignore(segment);
            logger.SegmentNotDeleted(segment.Path, e.Message);
        }

        index.Remove(segment);
    }
}
