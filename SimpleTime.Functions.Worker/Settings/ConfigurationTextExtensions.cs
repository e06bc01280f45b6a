using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Reads settings as text.</summary>
public static class ConfigurationTextExtensions
{
    /// <summary>Returns a setting without the white space around it; null when it is unset or blank.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="name">The setting's name.</param>
    public static string? GetText(this IConfiguration configuration, string name) =>
        configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
