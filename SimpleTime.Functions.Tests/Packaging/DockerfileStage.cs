namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>A stage of a Dockerfile. Immutable.</summary>
/// <param name="Name">Its name; empty when it has none.</param>
/// <param name="Base">The image or the stage that it starts from.</param>
/// <param name="Instructions">What follows FROM.</param>
internal sealed record DockerfileStage(string Name, string Base, IReadOnlyList<DockerfileInstruction> Instructions)
{
    /// <summary>The stage's instructions of a kind.</summary>
    /// <param name="keyword">The kind, in capitals.</param>
    public IEnumerable<DockerfileInstruction> All(string keyword) => Instructions.Where(i => i.Keyword == keyword);

    /// <summary>The one that counts of a kind, as the last one does; null when there is none.</summary>
    /// <param name="keyword">The kind, in capitals.</param>
    public DockerfileInstruction? Last(string keyword) => All(keyword).LastOrDefault();
}
