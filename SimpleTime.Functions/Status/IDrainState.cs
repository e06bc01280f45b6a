namespace SimpleTime.Functions.Status;

/// <summary>Whether the process is on its way out. Safe for use by several threads.</summary>
public interface IDrainState
{
    /// <summary>True from the moment that a stop was asked for.</summary>
    bool IsDraining { get; }
}
