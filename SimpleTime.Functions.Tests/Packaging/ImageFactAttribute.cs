using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>
/// A test of the image that mounts and changes users, as root may. <c>SIMPLETIME_PUBLISHED</c> names the folder that <c>dotnet publish</c> of the native
/// binary made.
/// </summary>
internal sealed class ImageFactAttribute : FactAttribute
{
    public ImageFactAttribute() => Skip = Problem();

    /// <summary>The folder; null when none is named.</summary>
    public static string? Published { get; } = Environment.GetEnvironmentVariable("SIMPLETIME_PUBLISHED") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    private static string? Problem()
    {
        if (Published is null)
        {
            return "SIMPLETIME_PUBLISHED names no native publish.";
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return "Only root can do here what the image's engine does.";
        }

        using var process = Forks.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]) { RedirectStandardError = true });
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0 ? null : "This system lets nobody mount a file system.";
    }
}
