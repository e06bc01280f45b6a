using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker;

/// <summary>
/// Finds the files of messages that Kafka refused for good, of all processes that have this <c>EVENT_SPOOL_PATH</c>. For tools beside the
/// functions. Members block. Safe for use by several threads.
/// </summary>
public sealed class RefusedMessages
{
    private readonly OutboxOptions _options;
    private readonly IOutboxDisk _disk;
    private readonly TimeProvider _time;

    internal RefusedMessages(OutboxOptions options, IOutboxDisk disk, TimeProvider time)
    {
        _options = options;
        _disk = disk;
        _time = time;
    }

    /// <summary>Finds the files.</summary>
    /// <returns>Their paths, oldest first.</returns>
    /// <exception cref="IOException">There is no folder at <c>EVENT_SPOOL_PATH</c>, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public IReadOnlyList<string> FindFiles()
    {
        var root = Path.GetFullPath(_options.Path);
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"EVENT_SPOOL_PATH {root}: there is no such folder.");
        }

        var folder = Path.Combine(root, OutboxFileNames.RefusedFolder);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Where(OutboxFileNames.IsRefused).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Opens a file, and keeps others from opening it until it is disposed of.</summary>
    /// <param name="path">One of the paths that <see cref="FindFiles"/> returned.</param>
    /// <returns>Null when a process that runs still writes to it, or another tool has it open.</returns>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public RefusedFile? TryOpen(string path)
    {
        var usage = new DiskUsage(_options);
        return OutboxFile.TryOpenAlone(path, OutboxFileKind.Refused, _disk, usage) is { } file ? new RefusedFile(file, _disk, usage, _time) : null;
    }
}
