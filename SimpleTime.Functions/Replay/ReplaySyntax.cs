namespace SimpleTime.Functions.Replay;

/// <summary>How one of the commands that send again is called. Immutable.</summary>
/// <param name="Command">The first argument, which stands for the command.</param>
/// <param name="Noun">What it sends, in the singular; with an s it is the plural.</param>
/// <param name="HasList">Whether it can list what there is.</param>
internal sealed record ReplaySyntax(string Command, string Noun, bool HasList)
{
    /// <summary>Gets the line that says how the command is called.</summary>
    public string Usage => $"Usage: SimpleTime.Functions {Command} (--id N... | --all{(HasList ? " | --list" : "")}) [--topic T]";
}
