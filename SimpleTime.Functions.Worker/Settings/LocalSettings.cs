namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Reads local.settings.json, whose keys are taken in any case.</summary>
internal static class LocalSettings
{
    public const string FileName = "local.settings.json";

    private const string Values = $"{FileName}:Values:";
    private const string Encrypted = $"{FileName}:IsEncrypted";
    private const string Port = $"{FileName}:Host:LocalHttpPort";
    private const string Cors = $"{FileName}:Host:CORS";

    /// <summary>Returns the settings that the file stands for, under their own names.</summary>
    /// <param name="file">All that stands in the file, under its path in it.</param>
    /// <param name="notices">Takes what does nothing here.</param>
    public static Dictionary<string, string?> Read(Dictionary<string, string?> file, StartupNotices notices)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var isEncrypted = string.Equals(file.GetValueOrDefault(Encrypted)?.Trim(), "true", StringComparison.OrdinalIgnoreCase);
        if (isEncrypted)
        {
            notices.Add($"{Encrypted} is true: its Values are not taken, since only the Azure Functions Core Tools can read them (func settings decrypt).");
        }

        foreach (var (key, value) in file)
        {
            if (key.StartsWith(Values, StringComparison.OrdinalIgnoreCase))
            {
                if (!isEncrypted)
                {
                    // Double underscores separate, as in the environment.
                    settings[key[Values.Length..].Replace("__", ":", StringComparison.Ordinal)] = value;
                }
            }
            else if (key.Equals(Port, StringComparison.OrdinalIgnoreCase))
            {
                settings[ListenAddresses.LocalPort] = value;
            }
            else if (value is not null && !IsWithin(key, Cors) && !key.Equals(Encrypted, StringComparison.OrdinalIgnoreCase))
            {
                notices.Add($"{key} does nothing on this host.");
            }
        }

        if (file.Keys.Any(key => IsWithin(key, Cors)))
        {
            notices.Add($"{Cors} is not done by this host: with it a web page could publish without a key.");
        }

        return settings;
    }

    private static bool IsWithin(string key, string section) =>
        key.Equals(section, StringComparison.OrdinalIgnoreCase) || key.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase);
}
