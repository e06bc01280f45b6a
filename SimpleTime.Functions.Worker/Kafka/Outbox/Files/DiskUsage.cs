using System.IO.Enumeration;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// Counts what the files under the root take. What this process wrote is known exactly, the rest as of the last
/// <see cref="Measure"/>. <see cref="Total"/> is for any thread, all else for one.
/// </summary>
/// <param name="options">The bounds.</param>
internal sealed class DiskUsage(OutboxOptions options)
{
    // Of this process, and no longer open: refused messages and damaged files, which somebody else may delete.
    private readonly Dictionary<string, long> _kept = [];
    private long _own;
    private long _others;

    /// <summary>Gets the bytes of all files.</summary>
    public long Total => Volatile.Read(ref _own) + Volatile.Read(ref _others);

    /// <summary>Gets how many bytes this process may write; negative when there are too many already.</summary>
    public long Room => Math.Max(options.OwnBytes - _own, options.MaxBytes - Total);

    /// <summary>Counts bytes that this process wrote, or (negative) freed.</summary>
    public void AddOwn(long bytes) => Volatile.Write(ref _own, _own + bytes);

    /// <summary>Counts bytes of another process, dead or alive; negative when they were freed.</summary>
    public void AddOthers(long bytes) => Volatile.Write(ref _others, _others + bytes);

    /// <summary>Remembers a file whose bytes stay this process's own for as long as it exists.</summary>
    public void Keep(string path, long bytes) => _kept[path] = bytes;

    /// <summary>Looks at what is under the root.</summary>
    /// <param name="root">The absolute path of the root.</param>
    /// <param name="own">The paths of the files that this process counts itself.</param>
    /// <exception cref="IOException">The root cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The root may not be read.</exception>
    public void Measure(string root, IReadOnlySet<string> own)
    {
        var others = 0L;
        var gone = new Dictionary<string, long>(_kept);

        // One level, since the root may be a folder that others use too.
        var search = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = new FileSystemEnumerable<(string Path, long Bytes)>(root, (ref entry) => (entry.ToFullPath(), entry.Length), search)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
        };
        foreach (var (path, bytes) in files)
        {
            if (!gone.Remove(path) && !own.Contains(path))
            {
                others += bytes;
            }
        }

        foreach (var (path, bytes) in gone)
        {
            _kept.Remove(path);
            AddOwn(-bytes);
        }

        Volatile.Write(ref _others, others);
    }
}
