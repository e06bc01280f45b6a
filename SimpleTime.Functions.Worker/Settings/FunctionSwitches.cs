using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>
/// The settings that switch single functions off: <c>AzureWebJobs.NAME.Disabled</c>, also with <c>_</c> or, where a variable's name cannot have a dot,
/// <c>__</c> for the dots.
/// </summary>
internal sealed class FunctionSwitches(IConfiguration configuration, StartupNotices notices)
{
    private const string Prefix = "AzureWebJobs";
    private const string Suffix = "Disabled";

    private static readonly string[] _separators = [".", "_", ":"];

    /// <summary>Gets whether a function is switched off. A value that says neither is a notice.</summary>
    public bool IsOff(string function)
    {
        if (configuration.Latest([.. _separators.Select(separator => string.Join(separator, Prefix, function, Suffix))]) is not var (name, text))
        {
            return false;
        }

        switch (text.Trim().ToUpperInvariant())
        {
            case "1" or "TRUE":
                return true;
            case "0" or "FALSE":
                return false;
            default:
                notices.Add($"The setting {Shown(name)} is \"{SafeText.OneLine(text, 64)}\" but must be true or false; the function runs.");
                return false;
        }
    }

    /// <summary>Notes each switch that names no function.</summary>
    /// <param name="functions">The names of all functions.</param>
    public void RefuseUnknown(IReadOnlyCollection<string> functions)
    {
        var names = from section in configuration.GetChildren().Concat(configuration.GetSection(Prefix).GetChildren().Select(child => child.GetSection(Suffix)))
                    where section.Value is not null
                    from separator in _separators
                    where section.Path.Length > Prefix.Length + Suffix.Length + (2 * separator.Length)
                        && section.Path.StartsWith(Prefix + separator, StringComparison.OrdinalIgnoreCase)
                        && section.Path.EndsWith(separator + Suffix, StringComparison.OrdinalIgnoreCase)
                    select (section.Path, Function: section.Path[(Prefix.Length + separator.Length)..^(Suffix.Length + separator.Length)]);
        foreach (var (path, _) in names.Where(name => !functions.Contains(name.Function, StringComparer.OrdinalIgnoreCase)))
        {
            notices.Add($"The setting {Shown(path)} switches nothing off: there is no such function.");
        }
    }

    private static string Shown(string path) => SafeText.OneLine(path.Replace(":", "__", StringComparison.Ordinal), 256);
}
