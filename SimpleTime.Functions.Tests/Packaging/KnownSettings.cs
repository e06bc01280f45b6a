using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The settings that docs/settings.md lists.</summary>
internal static partial class KnownSettings
{
    private static readonly Regex[] _patterns = [.. Table()];

    /// <summary>Whether a variable is one of them.</summary>
    /// <param name="variable">The variable's name.</param>
    public static bool Contains(string variable) => _patterns.Any(pattern => pattern.IsMatch(variable));

    private static IEnumerable<Regex> Table()
    {
        var section = Repository.Read("docs/settings.md");
        foreach (var row in section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            foreach (Match name in Names().Matches(row.Split('|')[1]))
            {
                // "OTEL_BSP_*", "AzureWebJobs.<Function>.Disabled", "AzureFunctionsJobHost__functions__0", "AzureFunctionsJobHost__a__b"
                var pattern = Regex.Escape(name.Groups[1].Value).Replace("\\*", "[A-Z_]+", StringComparison.Ordinal)
                    .Replace("<Function>", "[A-Za-z]+", StringComparison.Ordinal).Replace("__0", "__[0-9]+", StringComparison.Ordinal)
                    .Replace("__a__b", "__[A-Za-z_]+", StringComparison.Ordinal);
                yield return new Regex("^" + pattern + "$");
            }
        }
    }

    [GeneratedRegex("`([A-Za-z][^`]*)`")]
    private static partial Regex Names();
}
