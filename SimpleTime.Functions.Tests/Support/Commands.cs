using System.ComponentModel;
using System.Diagnostics;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>Finds out which commands of the system tests can use.</summary>
internal static class Commands
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    /// <summary>Returns why a command cannot be used; null when it ends with exit code 0.</summary>
    /// <param name="fileName">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="refusal">Says that it is there and does not work.</param>
    public static string? Problem(string fileName, IEnumerable<string> args, string refusal)
    {
        try
        {
            using var process = Forks.Start(new ProcessStartInfo(fileName, args) { RedirectStandardError = true });
            process.WaitForExit(_timeout);
            return process is { HasExited: true, ExitCode: 0 } ? null : refusal;
        }
        catch (Win32Exception)
        {
            return $"There is no {fileName} here.";
        }
    }
}
