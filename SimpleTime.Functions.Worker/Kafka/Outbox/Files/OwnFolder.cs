namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// The folder that this process writes to, and the former ones that somebody deleted or renamed. Members block and throw disk errors; not
/// safe for use by several threads.
/// </summary>
/// <param name="options">Where the root is.</param>
/// <param name="disk">The disk.</param>
/// <param name="time">The clock.</param>
internal sealed class OwnFolder(OutboxOptions options, IOutboxDisk disk, TimeProvider time)
{
    private const int Attempts = 3;

    private readonly OutboxFileNames _names = new(time);

    // Locked until their files are carried over, so that nobody sends those.
    private readonly List<ProcessFolder> _displaced = [];
    private ProcessFolder? _current;

    /// <summary>Gets the absolute path of the root.</summary>
    public string Root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Path));

    /// <summary>Creates the root and a folder in it, unless there is one.</summary>
    public void Open()
    {
        if (_current is not null)
        {
            return;
        }

        var root = Root;
        CreateFolder(root);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var path = Path.Combine(root, _names.NextFolder());
            CreateFolder(path);

            // Another process can have found the folder before its lock, and have deleted it.
            if (FolderLock.TryTake(path, disk) is { } folderLock)
            {
                _current = new ProcessFolder(path, folderLock, disk);
                return;
            }
        }

        throw new IOException($"No folder could be locked in {root}.");
    }

    /// <summary>Returns the path for a new file, and creates the folder that it is for.</summary>
    public string NextPath(OutboxFileKind kind)
    {
        Open();
        if (kind != OutboxFileKind.Refused)
        {
            return Path.Combine(_current!.Path, _names.NextFile(kind));
        }

        var folder = Path.Combine(Root, OutboxFileNames.RefusedFolder);
        if (!Directory.Exists(folder))
        {
            CreateFolder(folder);
        }

        return Path.Combine(folder, _names.NextFile(kind));
    }

    /// <summary>Gets whether a folder is the current one or a former one.</summary>
    public bool Has(string folder) => _current?.Path == folder || _displaced.Exists(displaced => displaced.Path == folder);

    /// <summary>Makes the current folder a former one when somebody deleted or renamed it or its lock.</summary>
    public void Check()
    {
        if (_current is { IsInPlace: false } displaced)
        {
            _displaced.Add(displaced);
            _current = null;
        }
    }

    /// <summary>Gets whether a file of this process is not where it should be.</summary>
    public bool IsDisplaced(OutboxFile file) =>
        !file.IsInPlace || (file.Kind != OutboxFileKind.Refused && file.Folder != _current?.Path);

    /// <summary>Gives up the former folders that none of the files is in.</summary>
    public void ReleaseDisplaced(IReadOnlyCollection<OutboxFile> files)
    {
        foreach (var folder in _displaced.Where(folder => files.All(file => file.Folder != folder.Path)).ToArray())
        {
            _displaced.Remove(folder);
            folder.Release();
        }
    }

    /// <summary>Gives up the folder.</summary>
    public void Release()
    {
        _current?.Release();
        _current = null;
    }

    // The entries of the folder and of those above it that had to be created survive the loss of power.
    private void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent)
        {
            if (!Directory.Exists(parent))
            {
                CreateFolder(parent);
            }

            disk.CreateFolder(path);
            disk.SyncFolder(parent);
        }
    }
}
