using System.Diagnostics;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The libraries that the programs and libraries of a folder load at their start, and theirs, from <c>ldd</c>.</summary>
internal static partial class NeededLibraries
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    /// <summary>Finds them.</summary>
    /// <param name="folder">The folder, of files for this machine.</param>
    /// <returns>Their paths by name; null for one that is not on this machine.</returns>
    public static async Task<IReadOnlyDictionary<string, string?>> OfAsync(string folder)
    {
        Dictionary<string, string?> found = [];
        foreach (var file in Directory.GetFiles(folder).Where(IsElf))
        {
            using var process = Forks.Start(new ProcessStartInfo("ldd", [file]) { RedirectStandardOutput = true, RedirectStandardError = true });
            var output = await process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(_deadline);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"ldd {file}: {output}{errors}");
            }

            foreach (Match line in Lines().Matches(output))
            {
                var path = line.Groups["path"].Value;
                found[line.Groups["name"] is { Success: true } name ? name.Value : Path.GetFileName(path)] = path.StartsWith('/') ? path : null;
            }
        }

        return found;
    }

    private static bool IsElf(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        return file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("\u007FELF"u8);
    }

    // "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)", "libsasl2.so.3 => not found", "/lib64/ld-linux-x86-64.so.2 (0x…)"
    [GeneratedRegex(@"^\s*(?:(?<name>\S+) => )?(?<path>/\S+|not found)", RegexOptions.Multiline)]
    private static partial Regex Lines();
}
