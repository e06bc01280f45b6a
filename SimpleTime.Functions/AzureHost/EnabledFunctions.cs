using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.AzureHost;

/// <summary>Which functions run, by the settings of the Azure Functions host, whose environment its worker inherits.</summary>
internal static class EnabledFunctions
{
    /// <summary>Returns whether a function runs.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="function">The function's name.</param>
    public static bool Include(IConfiguration configuration, string function)
    {
        var allowed = configuration.GetSection("AzureFunctionsJobHost:functions").GetChildren()
            .Select(child => child.Value?.Trim()).Where(name => !string.IsNullOrEmpty(name)).ToList();
        return (allowed.Count == 0 || allowed.Contains(function, StringComparer.OrdinalIgnoreCase)) && !IsDisabled(configuration, function);
    }

    private static bool IsDisabled(IConfiguration configuration, string function) =>
        (configuration[$"AzureWebJobs.{function}.Disabled"] ?? configuration[$"AzureWebJobs_{function}_Disabled"])?.Trim() is { } value
        && (value == "1" || string.Equals(value, "true", StringComparison.OrdinalIgnoreCase));
}
