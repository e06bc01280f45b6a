using System.ComponentModel;
using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Monitoring;

/// <summary>Prometheus's own checks.</summary>
internal static class Promtool
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere { get; } = Find();

    /// <summary>Runs it.</summary>
    /// <param name="input">Its standard input.</param>
    /// <param name="args">Its arguments.</param>
    /// <returns>The exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string input, params string[] args)
    {
        using var process = Start(args);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_deadline);
        return (process.ExitCode, await output + await errors);
    }

    private static Process Start(string[] args) => Forks.Start(new ProcessStartInfo("promtool", args)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    private static bool Find()
    {
        try
        {
            using var process = Start(["--version"]);
            return process.WaitForExit(_deadline) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
