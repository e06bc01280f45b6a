using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The blocks of <c>docs/kubernetes.md</c>. Immutable.</summary>
internal sealed partial class Document
{
    /// <param name="text">The document.</param>
    public Document(string text)
    {
        Text = text;
        List<DocumentBlock> blocks = [];
        foreach (Match match in Fences().Matches(text))
        {
            var before = text[..match.Index];
            blocks.Add(new DocumentBlock(
                Sections().Matches(before) is [.., var section] ? section.Groups[1].Value : "",
                match.Groups[1].Value,
                match.Groups[2].Value,
                Files().Match(before) is { Success: true } file ? file.Groups[1].Value : null));
        }

        Blocks = blocks;
    }

    /// <summary>The one of the repository.</summary>
    public static Document OfRepository { get; } = new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "kubernetes.md")));

    public string Text { get; }

    public IReadOnlyList<DocumentBlock> Blocks { get; }

    [GeneratedRegex(@"^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Sections();

    // What ends with a colon and a file's name names the file that the block is.
    [GeneratedRegex(@"`([\w./-]+\.yaml)`:\n\n\z")]
    private static partial Regex Files();
}
