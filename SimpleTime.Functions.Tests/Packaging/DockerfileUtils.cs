using System.ComponentModel;
using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The npm package dockerfile-utils, a checker of Dockerfiles.</summary>
internal static class DockerfileUtils
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere { get; } = Find();

    /// <summary>Checks a Dockerfile.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> LintAsync(string path)
    {
        using var process = Start("lint", path);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_deadline);
        return (process.ExitCode, await output + await errors);
    }

    private static Process Start(params string[] args) => Forks.Start(new ProcessStartInfo("dockerfile-utils", args)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    private static bool Find()
    {
        try
        {
            using var process = Start("--version");
            return process.WaitForExit(_deadline) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
