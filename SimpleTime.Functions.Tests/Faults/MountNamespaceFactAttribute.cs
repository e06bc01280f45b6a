using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that mounts file systems of its own: <c>unshare -rm</c>.</summary>
internal sealed class MountNamespaceFactAttribute : FactAttribute
{
    private static readonly string? _problem = Find();

    public MountNamespaceFactAttribute() => Skip = _problem;

    private static string? Find()
    {
        try
        {
            var start = new ProcessStartInfo("unshare", ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"])
            {
                RedirectStandardError = true,
            };
            using var process = Forks.Start(start);
            process.WaitForExit(TimeSpan.FromSeconds(10));
            return process is { HasExited: true, ExitCode: 0 } ? null : "This system lets nobody mount a file system in a namespace of its own.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no unshare here.";
        }
    }
}
