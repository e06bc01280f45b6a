using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>Tells whether an open file is still the one that its path names.</summary>
internal static partial class FileIdentity
{
    // statx(2), fcntl.h and linux/stat.h: the same on every architecture.
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint InodeMask = 0x100;
    private const int NoEntry = 2;
    private const int NotAFolder = 20;

    /// <summary>Gets whether a path names an open file, by device and inode; true where the system does not tell.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">The path that it was opened by.</param>
    public static bool IsAt(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path);
        }

        if (Statx(CurrentFolder, path, 0, InodeMask, out var named) != 0)
        {
            return Marshal.GetLastPInvokeError() is not (NoEntry or NotAFolder);
        }

        return Statx((int)file.DangerousGetHandle(), "", EmptyPath, InodeMask, out var open) != 0
            || (named.Inode == open.Inode && named.DeviceMajor == open.DeviceMajor && named.DeviceMinor == open.DeviceMinor);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxBuffer buffer);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
