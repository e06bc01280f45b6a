using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>A list of brokers as text.</summary>
internal static partial class BrokerList
{
    /// <summary>
    /// Returns the entries, separated by single commas. White space and control characters, which no entry has, separate as commas do, except around
    /// a port's colon; what is empty is left out.
    /// </summary>
    /// <param name="text">The list as somebody wrote it.</param>
    public static string Parse(string text)
    {
        var entries = Separators().Split(Colons().Replace(text, ":"));
        return string.Join(',', entries.Where(entry => entry.Length > 0));
    }

    [GeneratedRegex(@"[\s\p{C}]*:[\s\p{C}]*")]
    private static partial Regex Colons();

    [GeneratedRegex(@"[,\s\p{C}]+")]
    private static partial Regex Separators();
}
