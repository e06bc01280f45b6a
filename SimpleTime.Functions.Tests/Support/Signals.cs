using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>Sends signals to processes by their id: kill(2), with the numbers of signal(7). Safe for use by several threads.</summary>
internal static class Signals
{
    /// <summary>The number of SIGHUP.</summary>
    public const int HangUp = 1;

    /// <summary>The number of SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>The number of SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>The number of SIGCONT: 19 on macOS, 18 on Linux.</summary>
    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>The number of SIGSTOP: 17 on macOS, 19 on Linux.</summary>
    public static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>Sends a signal.</summary>
    /// <param name="processId">The process; greater than 0, so that it can never name a group.</param>
    /// <param name="signal">The signal's number.</param>
    /// <exception cref="Win32Exception">The process is gone or is not ours.</exception>
    public static void Send(int processId, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        if (SendCore(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendCore(int processId, int signal);
}
