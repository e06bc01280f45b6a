using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Takes wrong log levels out of the settings: the logging would refuse to start for them.</summary>
internal static class LogLevels
{
    /// <summary>Checks the levels of a section, those of single providers too.</summary>
    public static void RefuseUnknown(IConfigurationSection logging, StartupNotices notices)
    {
        Check(logging.GetSection("LogLevel"), notices);
        foreach (var provider in logging.GetChildren())
        {
            Check(provider.GetSection("LogLevel"), notices);
        }
    }

    private static void Check(IConfigurationSection levels, StartupNotices notices)
    {
        foreach (var level in levels.GetChildren())
        {
            if (level.Value is { Length: > 0 } value && !(Enum.TryParse<LogLevel>(value, ignoreCase: true, out var known) && Enum.IsDefined(known)))
            {
                notices.Add($"The setting {level.Path} is \"{value}\" but must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}; it is ignored.");
                level.Value = null;
            }
        }
    }
}
