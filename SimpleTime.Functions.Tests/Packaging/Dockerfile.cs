namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The stages of a Dockerfile, as far as the language is used here: no heredocs, no other escape character. Immutable.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<DockerfileStage> stages)
    {
        Stages = stages;
    }

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<DockerfileStage> Stages { get; }

    /// <summary>The stage that is the image where no target is named.</summary>
    public DockerfileStage Final => Stages[^1];

    /// <summary>Reads a Dockerfile.</summary>
    /// <param name="text">Its text.</param>
    public static Dockerfile Parse(string text)
    {
        List<DockerfileStage> stages = [];
        List<DockerfileInstruction> instructions = [];
        var lines = text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');
        foreach (var line in string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            var parts = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            var instruction = new DockerfileInstruction(parts[0].ToUpperInvariant(), parts.Length > 1 ? parts[1] : "");
            if (instruction.Keyword == "FROM")
            {
                instructions = [];
                stages.Add(new DockerfileStage(instruction.Words is [_, _, var name] ? name : "", instruction.Words[0], instructions));
            }
            else
            {
                instructions.Add(instruction);
            }
        }

        return new Dockerfile(stages);
    }

    /// <summary>The stage of a name; null when there is none.</summary>
    /// <param name="name">The name.</param>
    public DockerfileStage? Stage(string? name) => Stages.FirstOrDefault(stage => stage.Name == name && stage.Name.Length > 0);
}
