namespace SimpleTime.Functions.Replay;

/// <summary>The exit codes of the commands that send again.</summary>
internal static class ReplayExitCode
{
    /// <summary>All that was to be sent was acknowledged.</summary>
    public const int AllAcknowledged = 0;

    /// <summary>Something was refused, or not acknowledged, or could not be read, marked or removed.</summary>
    public const int NotAllAcknowledged = 1;

    /// <summary>Nothing was sent: what was asked for makes no sense.</summary>
    public const int WrongRequest = 2;
}
