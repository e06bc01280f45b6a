namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>What was wrong with the settings, one line each, kept until there is a log to write it to. Used by one thread.</summary>
internal sealed class StartupNotices
{
    private const int MaxLength = 512;
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(Diagnostics.SafeText.OneLine(line, MaxLength));
}
