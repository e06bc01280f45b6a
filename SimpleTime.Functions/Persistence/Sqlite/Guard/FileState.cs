using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>What the file system says of a file, without opening it.</summary>
/// <remarks>
/// A database that SQLite has open must not be opened a second time by this process: closing that handle would drop
/// SQLite's own locks on it (https://sqlite.org/howtocorrupt.html, 2.2).
/// </remarks>
/// <param name="Device">The device; 0 where the system does not tell.</param>
/// <param name="Inode">The file's number on it; 0 where the system does not tell.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Modified">When it was last written, in nanoseconds since 1970.</param>
/// <param name="Changed">When anything of it last changed, in nanoseconds since 1970; nobody can set it.</param>
internal readonly partial record struct FileState(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    // statx(2) and linux/stat.h: the same on every architecture.
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7ff;

    /// <summary>Returns the state of the file at a path, links followed; null when there is none, or it cannot be told.</summary>
    /// <param name="path">The path.</param>
    public static FileState? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return Statx(CurrentFolder, path, 0, BasicStats, out var stat) == 0
                ? new FileState(((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Inode, stat.Size, stat.Modified.Value, stat.Changed.Value)
                : null;
        }

        var file = new FileInfo(path);
        return file.Exists ? new FileState(0, 0, file.Length, (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100, 0) : null;
    }

    /// <summary>Returns whether both are one file, whatever is in it.</summary>
    /// <param name="other">The other state; null for no file.</param>
    public bool IsSameFile(FileState? other) => other is { } file && file.Device == Device && file.Inode == Inode;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxBuffer buffer);

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;

        public readonly long Value => (Seconds * 1_000_000_000) + Nanoseconds;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(96)]
        public StatxTime Changed;

        [FieldOffset(112)]
        public StatxTime Modified;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
