namespace SimpleTime.Functions.Worker;

/// <summary>Whether the host is going down. Safe for use by several threads.</summary>
public interface IDrain
{
    /// <summary>True from SIGTERM on.</summary>
    bool IsDraining { get; }
}
