using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>What was wrong with the settings, one line each, kept until there is a log to write it to. Used by one thread.</summary>
internal sealed class StartupNotices
{
    private const int MaxLength = 512;
    private const int MaxLines = 100;
    private readonly List<string> _lines = [];

    /// <summary>Gets what is wrong and does not keep the service from running.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Gets the first thing that keeps the service from running; null when nothing does.</summary>
    public StartupFault? Fault { get; private set; }

    public void Add(string line)
    {
        if (_lines.Count <= MaxLines)
        {
            _lines.Add(_lines.Count < MaxLines ? SafeText.OneLine(line, MaxLength) : "More is wrong with the settings than is told here.");
        }
    }

    /// <summary>Notes what keeps the service from running.</summary>
    /// <param name="exitCode">The exit code of the process.</param>
    /// <param name="line">The setting and what is wrong with it.</param>
    public void Refuse(int exitCode, string line) => Fault ??= new StartupFault(exitCode, SafeText.OneLine(line, MaxLength));
}
