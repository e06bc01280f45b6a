namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>The folder of one process, owned by this one. Not safe for use by several threads.</summary>
/// <param name="path">The absolute path.</param>
/// <param name="folderLock">The ownership, which passes to this instance.</param>
/// <param name="disk">The disk.</param>
internal sealed class ProcessFolder(string path, FolderLock folderLock, IOutboxDisk disk)
{
    /// <summary>What the folders' names begin with.</summary>
    public const string Prefix = "process-";

    /// <summary>Gets the absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the files of a dead process that are in use.</summary>
    public List<OutboxFile> Files { get; } = [];

    /// <summary>Gets whether the path still names this folder, with its lock.</summary>
    public bool IsInPlace => folderLock.IsInPlace;

    /// <summary>Gives the folder up, and deletes it with its lock when nothing else is in it.</summary>
    public void Release()
    {
        try
        {
            if (IsInPlace && Directory.EnumerateFileSystemEntries(Path).All(IsLock))
            {
                // While it is held: whoever waits for it finds that its path does not name it any more.
                disk.Delete(System.IO.Path.Combine(Path, FolderLock.FileName));
                disk.DeleteFolder(Path);
            }
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            // The next search for folders of dead processes finds it.
        }

        folderLock.Dispose();
    }

    /// <summary>Gets whether a path is the one of a folder's lock.</summary>
    public static bool IsLock(string path) => System.IO.Path.GetFileName(path) == FolderLock.FileName;
}
