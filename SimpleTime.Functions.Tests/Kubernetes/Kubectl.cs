using System.ComponentModel;
using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>Renders kustomizations as <c>kubectl apply -k</c> would. Needs no cluster.</summary>
internal static class Kubectl
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    /// <summary>Whether there is a kubectl that can: from 1.27 on, with kustomize 5.</summary>
    public static bool IsHere { get; } = Find();

    /// <summary>Renders a folder.</summary>
    /// <param name="folder">The folder, which holds a kustomization.yaml.</param>
    /// <returns>The exit code, the manifests, and what kubectl complained of.</returns>
    public static Task<(int ExitCode, string Manifests, string Errors)> RenderAsync(string folder) => RunAsync("kustomize", folder);

    /// <summary>Runs a command that needs no cluster.</summary>
    /// <param name="args">The command and its arguments.</param>
    /// <returns>The exit code, and what it wrote to standard output and standard error.</returns>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_deadline);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Renders an overlay of <c>keda/</c> with components, in the order given.</summary>
    /// <param name="overlay">Its path in <c>keda/</c>.</param>
    /// <param name="components">Names of components.</param>
    public static async Task<(int ExitCode, string Manifests, string Errors)> RenderAsync(string overlay, IEnumerable<string> components)
    {
        using var folder = new TempFolder();
        string Line(string path) => $"  - {Path.GetRelativePath(folder.Path, PathOf(path))}";
        await File.WriteAllLinesAsync(folder.Combine("kustomization.yaml"),
        [
            "apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization",
            "resources:", Line(overlay), "components:", .. components.Select(c => Line($"components/{c}")),
        ]);
        return await RenderAsync(folder.Path);
    }

    /// <summary>The path of a file or folder of <c>keda/</c>.</summary>
    /// <param name="name">Its path in there.</param>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "keda", name);

    private static Process Start(params string[] args) => Forks.Start(new ProcessStartInfo("kubectl", args)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    private static bool Find()
    {
        try
        {
            using var process = Start("version", "--client");
            var version = process.StandardOutput.ReadToEnd();
            return process.WaitForExit(_deadline) && process.ExitCode == 0 && version.Contains("Kustomize Version: v5.", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
