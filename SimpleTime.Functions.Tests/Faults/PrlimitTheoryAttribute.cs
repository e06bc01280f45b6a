using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that limits what a process may open: <c>prlimit</c> of util-linux.</summary>
internal sealed class PrlimitTheoryAttribute : TheoryAttribute
{
    private static readonly string? _problem = Find();

    public PrlimitTheoryAttribute() => Skip = _problem;

    private static string? Find()
    {
        try
        {
            using var process = Forks.Start(new ProcessStartInfo("prlimit", ["--nofile=1024", "true"]) { RedirectStandardError = true });
            process.WaitForExit(TimeSpan.FromSeconds(10));
            return process is { HasExited: true, ExitCode: 0 } ? null : "prlimit does not work here.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no prlimit here.";
        }
    }
}
