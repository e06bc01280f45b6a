using System.Globalization;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>A folder of segments that this process owns. Not safe for use by several threads.</summary>
/// <param name="path">The folder.</param>
/// <param name="isShared">Whether it holds the other processes' folders, so that it is never deleted.</param>
/// <param name="folderLock">The ownership, which passes to this instance.</param>
internal sealed class SpoolFolder(string path, bool isShared, FolderLock folderLock)
{
    private const string Extension = ".spool";

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>The paths of the segments in a folder, in no order; none when there is no such folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IEnumerable<string> SegmentPaths(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*" + Extension).Where(path => NumberOf(path) is not null)
            : [];

    /// <summary>The segments in the folder, as they were left by an earlier process.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public List<Segment> FindSegments() =>
        [.. SegmentPaths(Path).Select(path => new Segment(NumberOf(path)!.Value, path, this) { FileBytes = new FileInfo(path).Length })];

    /// <summary>The path for a segment.</summary>
    public string SegmentPath(long number) =>
        System.IO.Path.Combine(Path, number.ToString("D16", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Gives the folder up, and deletes it when nothing is in it.</summary>
    public void Release()
    {
        try
        {
            if (!isShared)
            {
                Directory.Delete(Path);
            }
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            // Something is in it, like rejected messages, or it is gone.
        }

        folderLock.Dispose();
    }

    private static long? NumberOf(string path) =>
        long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
