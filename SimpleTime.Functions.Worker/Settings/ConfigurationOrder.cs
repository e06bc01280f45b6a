using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Reads settings that have several names.</summary>
internal static class ConfigurationOrder
{
    /// <summary>
    /// Returns the setting of the source that goes before the others, of the first of the names that it has. So a name in the environment wins over
    /// another name in a file.
    /// </summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="names">The names of one setting, the one that goes before the others first.</param>
    /// <returns>The name and the value, which is not blank; null where no source has one.</returns>
    public static (string Name, string Value)? Latest(this IConfiguration configuration, params ReadOnlySpan<string> names)
    {
        foreach (var source in ((IConfigurationRoot)configuration).Providers.Reverse())
        {
            foreach (var name in names)
            {
                if (source.TryGet(name, out var value) && !string.IsNullOrWhiteSpace(value))
                {
                    return (name, value);
                }
            }
        }

        return null;
    }
}
