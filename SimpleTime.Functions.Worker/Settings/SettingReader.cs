using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Reads typed settings. A wrong value becomes a notice that names it, and the default holds.</summary>
internal sealed class SettingReader(IConfiguration configuration, StartupNotices notices)
{
    /// <summary>Returns the text of a setting; a blank one counts as absent.</summary>
    public string? Text(string key) => configuration.GetText(key);

    /// <summary>Returns the path of a file or folder.</summary>
    public string Path(string key, string fallback)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (!text.Any(char.IsControl))
        {
            return text;
        }

        Wrong(key, text, "a path without control characters", fallback);
        return fallback;
    }

    /// <summary>Returns the text of a setting as it stands, blanks at its ends too, as in a password; an empty one counts as absent.</summary>
    public string? Verbatim(string key) => configuration[key] is { Length: > 0 } value ? value : null;

    /// <summary>Returns the text of a setting for which empty is a value of its own.</summary>
    public string TextOrEmpty(string key, string fallback) => configuration[key]?.Trim() ?? fallback;

    /// <summary>Returns the values of a list, in their order; blank ones count as absent. What is no list is a notice, and empty.</summary>
    public IReadOnlyList<string> List(string section)
    {
        var list = configuration.GetSection(section);
        var entries = list.GetChildren().ToList();
        if (!string.IsNullOrWhiteSpace(list.Value) || entries.Exists(entry => !int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || entry.GetChildren().Any()))
        {
            Ignore(section, $"it is not a list, which is given as {section.Replace(":", "__", StringComparison.Ordinal)}__0 and so on, or as an array in host.json");
            return [];
        }

        return [.. entries.Select(child => child.Value?.Trim()).OfType<string>().Where(value => value.Length > 0)];
    }

    /// <summary>Returns the keys below a section of log settings that have levels of their own: those of single providers.</summary>
    public string[] Providers(string section) =>
        [.. configuration.GetSection(section).GetChildren().Where(child => child.GetSection("logLevel").GetChildren().Any()).Select(child => child.Key)];

    /// <summary>Returns the values below a section by their keys, those of deeper ones by their paths.</summary>
    public IEnumerable<KeyValuePair<string, string>> Map(string section) =>
        configuration.GetSection(section).AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.Trim()));

    public int Int(string key, int fallback, int min, int max) => (int)Long(key, fallback, min, max);

    public long Long(string key, long fallback, long min, long max)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Wrong(key, text, $"a whole number from {min} to {max}", fallback.ToString(CultureInfo.InvariantCulture));
        return fallback;
    }

    public int? OptionalInt(string key, int min, int max)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Wrong(key, text, $"a whole number from {min} to {max}", "the client's own");
        return null;
    }

    /// <summary>Returns how long something may take; null for <c>-1</c>, without end.</summary>
    public TimeSpan? Timeout(string key, TimeSpan fallback, TimeSpan min)
    {
        switch (Text(key))
        {
            case null:
                return fallback;
            case "-1":
                return null;
            case { } text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min:
                return value;
            case { } text:
                Wrong(key, text, $"a time from {min} on as hours:minutes:seconds, or -1 for no end", fallback.ToString());
                return fallback;
        }
    }

    /// <summary>Returns a time; a number alone counts days.</summary>
    public TimeSpan Time(string key, TimeSpan fallback, TimeSpan min)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min)
        {
            return value;
        }

        Wrong(key, text, $"days, or a time from {min} on as days.hours:minutes:seconds", fallback.ToString());
        return fallback;
    }

    public bool Bool(string key, bool fallback)
    {
        switch (Text(key))
        {
            case null:
                return fallback;
            case { } text when bool.TryParse(text, out var value):
                return value;
            case { } text:
                Wrong(key, text, "true or false", fallback ? "true" : "false");
                return fallback;
        }
    }

    /// <summary>Returns the value of an option, compared without regard to case.</summary>
    public string Choice(string key, string fallback, params ReadOnlySpan<string> choices)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        foreach (var choice in choices)
        {
            if (string.Equals(choice, text, StringComparison.OrdinalIgnoreCase))
            {
                return choice;
            }
        }

        Wrong(key, text, $"one of {string.Join(", ", choices!)}", fallback);
        return fallback;
    }

    /// <summary>Notes each key below a section that is not known.</summary>
    public void RefuseUnknown(string section, params ReadOnlySpan<string> known) => Check(section, known, []);

    /// <summary>Notes each key below a section that does nothing here.</summary>
    /// <param name="section">The section.</param>
    /// <param name="read">The keys that are read.</param>
    /// <param name="unused">The official host's keys that this host does not do.</param>
    public void Check(string section, ReadOnlySpan<string> read, ReadOnlySpan<string> unused)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (unused.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                Ignore(child.Path, "this host does not do it");
            }
            else if (!read.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                notices.Add($"The setting {child.Path} is not known and is ignored.");
            }
        }
    }

    /// <summary>Notes that a setting is ignored.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="reason">Why.</param>
    public void Ignore(string key, string reason) => notices.Add($"The setting {key} is ignored: {reason}.");

    private void Wrong(string key, string text, string expected, string fallback) =>
        notices.Add($"The setting {key} is \"{Diagnostics.SafeText.OneLine(text, 64)}\" but must be {expected}; {fallback} is used.");
}
