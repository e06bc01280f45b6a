using System.Collections.Concurrent;
using System.Globalization;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Shares the spool's path among processes: the first owns the folder itself, the next ones subfolders, and what a process
/// left behind is for any other. The locks stand side by side in the path. Only
/// <see cref="Ignore"/> is for any thread.
/// </summary>
/// <param name="path">The setting EVENT_SPOOL_PATH.</param>
internal sealed class SpoolFolders(string path)
{
    private const int MaxInstances = 256;
    private const string InstancePrefix = "instance-";

    private readonly HashSet<string> _held = [];
    private readonly ConcurrentDictionary<string, Segment> _ignored = new();

    /// <summary>Takes the folder, or the first subfolder that is free, and creates it when necessary.</summary>
    /// <exception cref="Exception">The path cannot be used: see <see cref="SpoolDisk.IsDiskError"/>.</exception>
    public SpoolFolder TakeFirstFree()
    {
        var root = Path.GetFullPath(path);
        Directory.CreateDirectory(root);
        for (var instance = 0; instance <= MaxInstances; instance++)
        {
            if (TryTake(root, instance) is { } folder)
            {
                return folder;
            }
        }

        throw new IOException($"{MaxInstances} processes use it already.");
    }

    /// <summary>Takes a folder with segments that no process owns.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="Exception">The path cannot be used: see <see cref="SpoolDisk.IsDiskError"/>.</exception>
    public SpoolFolder? TryAdopt()
    {
        var root = Path.GetFullPath(path);
        for (var instance = 0; instance <= MaxInstances; instance++)
        {
            var folder = FolderOf(root, instance);
            if (!_held.Contains(folder)
                && SpoolFolder.SegmentPaths(folder).Any(segment => !_ignored.ContainsKey(segment))
                && TryTake(root, instance) is { } adopted)
            {
                return adopted;
            }
        }

        return null;
    }

    /// <summary>Makes a segment that cannot be read or deleted no reason to adopt its folder again.</summary>
    public void Ignore(Segment segment) => _ignored[segment.Path] = segment;

    /// <summary>Whether a segment is one to leave alone.</summary>
    public bool IsIgnored(Segment segment) => _ignored.ContainsKey(segment.Path);

    /// <summary>Gives a folder up, and deletes it when it is an empty subfolder.</summary>
    public void Release(SpoolFolder folder)
    {
        folder.Release();
        _held.Remove(folder.Path);
    }

    private static string FolderOf(string root, int instance) => instance == 0 ? root : Path.Combine(root, NameOf(instance));

    private static string NameOf(int instance) => InstancePrefix + instance.ToString(CultureInfo.InvariantCulture);

    private SpoolFolder? TryTake(string root, int instance)
    {
        var folder = FolderOf(root, instance);

        // Not in the subfolder, which can then be deleted while its lock is held.
        var lockName = instance == 0 ? "lock" : NameOf(instance) + ".lock";
        if (_held.Contains(folder) || FolderLock.TryTake(Path.Combine(root, lockName)) is not { } folderLock)
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }

        _held.Add(folder);
        return new SpoolFolder(folder, isShared: instance == 0, folderLock);
    }
}
