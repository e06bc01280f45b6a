using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// What clients authenticate with, from files that may change while the process runs: the last that was right stays. One thread renews it,
/// any thread may use it.
/// </summary>
/// <param name="setting">The setting that names the file.</param>
/// <param name="noun">What is in it, as a word of a sentence.</param>
internal abstract class CredentialFile(string setting, string noun)
{
    private const int MaxProblem = 384;

    private volatile object? _value;
    private volatile string? _problem;

    /// <summary>Gets the setting that names the file.</summary>
    public string Setting => setting;

    /// <summary>Gets what is in it, as a word of a sentence.</summary>
    public string Noun => noun;

    /// <summary>Gets what was wrong when it was last read, naming no secret; null as soon as it was right once.</summary>
    public string? Problem => _value is null ? _problem : null;

    /// <summary>Gets the last that was right; null when there was none.</summary>
    protected object? Value => _value;

    /// <summary>Reads the files again.</summary>
    /// <param name="problem">What is wrong, naming no secret; null when nothing is.</param>
    /// <returns>Whether there is something new in them.</returns>
    public bool TryRenew(out string? problem)
    {
        var wrong = Read(out var value);
        problem = wrong is null ? null : SafeText.OneLine(wrong, MaxProblem);
        _problem = problem;
        if (problem is not null)
        {
            return false;
        }

        var isNew = !Equals(value, _value);
        _value = value;
        return isNew;
    }

    /// <summary>Reads the files.</summary>
    /// <param name="value">What is in them, to be compared by its value.</param>
    /// <returns>What is wrong, naming no secret; null when nothing is.</returns>
    protected abstract string? Read(out object? value);
}
