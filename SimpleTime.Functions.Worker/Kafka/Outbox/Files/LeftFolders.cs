namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>Finds the folders of dead processes and owns them until their files are gone. Not safe for use by several threads.</summary>
/// <param name="disk">The disk.</param>
/// <param name="usage">What the files take.</param>
internal sealed class LeftFolders(IOutboxDisk disk, DiskUsage usage)
{
    private readonly List<ProcessFolder> _folders = [];
    private readonly HashSet<string> _leftAlone = [];

    /// <summary>Takes the folders that nobody owns.</summary>
    /// <param name="root">The absolute path of the root, which must exist.</param>
    /// <param name="isOwn">Whether a path is a folder that this process created.</param>
    /// <param name="onUnreadable">Called with a folder that cannot be read; it is tried again the next time.</param>
    /// <returns>The folders that were not returned before.</returns>
    public List<ProcessFolder> Find(string root, Predicate<string> isOwn, Action<string, Exception> onUnreadable)
    {
        var found = new List<ProcessFolder>();
        foreach (var path in Directory.GetDirectories(root, ProcessFolder.Prefix + "*"))
        {
            if (isOwn(path) || _folders.Exists(folder => folder.Path == path))
            {
                continue;
            }

            try
            {
                if (TryTake(path) is { } folder)
                {
                    found.Add(folder);
                }
            }
            catch (DirectoryNotFoundException)
            {
                // Its owner, or another process that found it, has just deleted it.
            }
            catch (Exception e) when (OutboxDisk.IsDiskError(e))
            {
                onUnreadable(path, e);
            }
        }

        _folders.AddRange(found);
        return found;
    }

    /// <summary>Forgets a file that was deleted or renamed, and gives up its folder when that was its last.</summary>
    public void Remove(OutboxFile file)
    {
        if (_folders.Find(folder => folder.Files.Remove(file)) is { Files.Count: 0 } empty)
        {
            _folders.Remove(empty);
            empty.Release();
        }
    }

    /// <summary>Makes a file no reason to own its folder.</summary>
    public void LeaveAlone(OutboxFile file)
    {
        _leftAlone.Add(file.Path);
        Remove(file);
    }

    /// <summary>Gives up all folders.</summary>
    public void Release()
    {
        foreach (var folder in _folders)
        {
            folder.Files.ForEach(static file => file.Release());
            folder.Release();
        }

        _folders.Clear();
    }

    private ProcessFolder? TryTake(string path)
    {
        // A folder with nothing but damaged and unknown files is for people to look at.
        var entries = Directory.GetFileSystemEntries(path);
        if ((!Array.Exists(entries, IsLeft) && !Array.TrueForAll(entries, ProcessFolder.IsLock))
            || FolderLock.TryTake(path, disk) is not { } folderLock)
        {
            return null;
        }

        var folder = new ProcessFolder(path, folderLock, disk);
        try
        {
            // Again, as the owner has just gone.
            folder.Files.AddRange(new DirectoryInfo(path).GetFiles().Where(file => IsLeft(file.FullName)).Select(
                file => OutboxFile.OfDeadProcess(file.FullName, file.Length, disk, usage)));
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }

        if (folder.Files.Count > 0)
        {
            return folder;
        }

        folder.Release();
        return null;
    }

    private bool IsLeft(string path) => OutboxFileNames.IsLeft(path) && !_leftAlone.Contains(path);
}
