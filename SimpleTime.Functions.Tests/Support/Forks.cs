using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// Starts processes so that they take nothing of the embedded brokers' with them. Safe for use by several threads.
/// </summary>
/// <remarks>
/// A process that was forked and is not another program yet has a copy of every socket: a broker that is set down then cannot
/// have its port again, and librdkafka ends the process for it. The connections that a broker accepted would even stay with the
/// program: set down, the broker would be mute to its clients instead of gone, for the minute of <c>socket.timeout.ms</c>.
/// </remarks>
internal static class Forks
{
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    private static readonly Lock _lock = new();

    /// <summary>Starts a process.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        var process = new Process { StartInfo = start };
        Start(process);
        return process;
    }

    /// <summary>Starts a process; it is another program when this returns.</summary>
    public static void Start(Process process)
    {
        lock (_lock)
        {
            KeepSockets();
            process.Start();
        }
    }

    /// <summary>Does something while no process is being started.</summary>
    public static void Without(Action action)
    {
        lock (_lock)
        {
            action();
        }
    }

    private static void KeepSockets()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var link in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
        {
            if (link.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
            {
                // One that is closed meanwhile is nobody's loss.
                _ = SetFlags(int.Parse(link.Name, CultureInfo.InvariantCulture), SetDescriptorFlags, CloseOnExec);
            }
        }
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int SetFlags(int descriptor, int command, int flags);
}
