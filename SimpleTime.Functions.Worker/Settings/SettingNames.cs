using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Puts settings in the place of their names in binding attributes.</summary>
internal sealed class SettingNames(IConfiguration configuration)
{
    // Of a topic Kafka takes 249, and a group's name is part of keys and of lines of the log.
    private const int MaxLength = 1_024;

    /// <summary>Returns the text with each <c>%NAME%</c> replaced by the setting NAME.</summary>
    /// <param name="text">The text of an attribute.</param>
    /// <param name="resolved">The result; null when a setting is missing.</param>
    /// <param name="error">Which one is missing, in the official host's words.</param>
    public bool TryResolve(string text, [NotNullWhen(true)] out string? resolved, [NotNullWhen(false)] out string? error)
    {
        var parts = text.Split('%');
        error = null;
        // Names stand at the odd places; a last lone '%' is text.
        for (var i = 1; i < parts.Length - 1; i += 2)
        {
            if (configuration.GetText(parts[i]) is not { } value)
            {
                resolved = null;
                error = $"'%{parts[i]}%' does not resolve to a value.";
                return false;
            }

            if (value.Length > MaxLength || value.Any(char.IsControl))
            {
                resolved = null;
                error = $"'%{parts[i]}%' does not resolve to a name: it has control characters or more than {MaxLength} characters.";
                return false;
            }

            parts[i] = value;
        }

        resolved = parts.Length % 2 == 0 ? $"{string.Concat(parts[..^1])}%{parts[^1]}" : string.Concat(parts);
        return true;
    }

    /// <summary>Returns the text with each <c>%NAME%</c> replaced by the setting NAME.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing.</exception>
    public string Resolve(string text) => TryResolve(text, out var resolved, out var error) ? resolved : throw new InvalidOperationException(error);

    /// <summary>Returns the setting of that name, or else the text itself.</summary>
    public string SettingOrText(string text) => configuration.GetText(text) ?? text;
}
