namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>A fenced block of a document.</summary>
/// <param name="Section">The heading of the second level above it.</param>
/// <param name="Language">What follows the fence.</param>
/// <param name="Text">Its lines.</param>
/// <param name="File">The file that it is the text of; null where the text before names none.</param>
internal sealed record DocumentBlock(string Section, string Language, string Text, string? File)
{
    /// <summary>The commands of a console, each on one line.</summary>
    public IEnumerable<string> Commands => Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..]);
}
