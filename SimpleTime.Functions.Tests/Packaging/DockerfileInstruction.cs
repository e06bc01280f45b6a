using System.Text.Json;
using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>One instruction of a Dockerfile, its lines joined. Immutable.</summary>
/// <param name="Keyword">The instruction, in capitals.</param>
/// <param name="Arguments">What follows it.</param>
internal sealed partial record DockerfileInstruction(string Keyword, string Arguments)
{
    /// <summary>The arguments that are no <c>--flag</c>.</summary>
    public string[] Words => [.. Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith("--", StringComparison.Ordinal))];

    /// <summary>The pairs of ENV or LABEL.</summary>
    public IEnumerable<(string Name, string Value)> Pairs => PairPattern().Matches(Arguments)
        .Select(m => (m.Groups["name"].Value, m.Groups["quoted"].Success ? m.Groups["quoted"].Value : m.Groups["plain"].Value));

    /// <summary>The program and its arguments where they are given as a JSON array, which takes no shell; null where they are not.</summary>
    public string[]? Command => Parse(Arguments);

    /// <summary>The same of HEALTHCHECK.</summary>
    public string[]? HealthCommand => Arguments.Split(" CMD ") is [_, var command] ? Parse(command) : null;

    /// <summary>The value of a <c>--flag=value</c>; null when it is not given.</summary>
    /// <param name="name">The flag's name.</param>
    public string? Flag(string name) => Arguments.Split(' ').FirstOrDefault(word => word.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..];

    private static string[]? Parse(string text)
    {
        try
        {
            using var command = JsonDocument.Parse(text);
            return [.. command.RootElement.EnumerateArray().Select(part => part.GetString()!)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("""(?<name>[A-Za-z_][A-Za-z0-9_.\-]*)=(?:"(?<quoted>[^"]*)"|(?<plain>\S*))""")]
    private static partial Regex PairPattern();
}
