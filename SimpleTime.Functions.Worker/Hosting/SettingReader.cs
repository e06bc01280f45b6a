using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>Reads typed settings. A wrong value becomes a notice that names it, and the default holds.</summary>
internal sealed class SettingReader(IConfiguration configuration, StartupNotices notices)
{
    /// <summary>The text of a setting; a blank one counts as absent.</summary>
    public string? Text(string key) => configuration[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>The text of a setting as it stands, blanks at its ends too, as in a password; an empty one counts as absent.</summary>
    public string? Verbatim(string key) => configuration[key] is { Length: > 0 } value ? value : null;

    /// <summary>The text of a setting for which empty is a value of its own.</summary>
    public string TextOrEmpty(string key, string fallback) => configuration[key]?.Trim() ?? fallback;

    /// <summary>The values of a list, in their order; blank ones count as absent.</summary>
    public IReadOnlyList<string> List(string section) =>
        [.. configuration.GetSection(section).GetChildren().Select(child => child.Value?.Trim()).OfType<string>().Where(value => value.Length > 0)];

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

    /// <summary>How long something may take; null for <c>-1</c>, without end.</summary>
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

    /// <summary>The value of an option, compared without regard to case.</summary>
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
    public void RefuseUnknown(string section, params ReadOnlySpan<string> known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            var isKnown = false;
            foreach (var name in known)
            {
                isKnown |= string.Equals(name, child.Key, StringComparison.OrdinalIgnoreCase);
            }

            if (!isKnown)
            {
                notices.Add($"The setting {section}:{child.Key} is not known and is ignored.");
            }
        }
    }

    private void Wrong(string key, string text, string expected, string fallback) =>
        notices.Add($"The setting {key} is \"{Diagnostics.SafeText.OneLine(text, 64)}\" but must be {expected}; {fallback} is used.");
}
