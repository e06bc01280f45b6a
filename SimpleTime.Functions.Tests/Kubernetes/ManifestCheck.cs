using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>
/// The strict check of custom resources against their definitions and of KEDA's triggers against its scalers' schema:
/// check.mjs in the folder that <c>SIMPLETIME_MANIFEST_CHECK</c> names, as .ci/run lays it out.
/// </summary>
internal static class ManifestCheck
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);
    private static readonly string? _folder = Environment.GetEnvironmentVariable("SIMPLETIME_MANIFEST_CHECK");

    /// <summary>Whether it can be run.</summary>
    public static bool IsHere { get; } = !string.IsNullOrEmpty(_folder) && Kubectl.IsHere;

    /// <summary>Checks manifests.</summary>
    /// <param name="manifests">YAML documents; those of core kinds are passed over.</param>
    /// <param name="values">Files of Helm values, each with its chart.</param>
    /// <returns>The exit code, 1 also when there was nothing to check, and a line for each finding.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string manifests, params IEnumerable<(string Chart, string File)> values)
    {
        using var folder = new TempFolder();
        var file = folder.Combine("manifests.yaml");
        await File.WriteAllTextAsync(file, manifests);
        using var process = Forks.Start(new ProcessStartInfo("node",
            [Path.Combine(_folder!, "check.mjs"), file, .. values.SelectMany(one => (string[])["--values", one.Chart, one.File])])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_deadline);
        return (process.ExitCode, await output + await errors);
    }
}
