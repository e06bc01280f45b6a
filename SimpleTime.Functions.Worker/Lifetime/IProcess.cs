namespace SimpleTime.Functions.Worker.Lifetime;

/// <summary>The process that the host runs in. Safe for use by several threads.</summary>
internal interface IProcess
{
    /// <summary>Sets the exit code for the time when the host has stopped.</summary>
    int ExitCode { set; }

    /// <summary>Writes a line to standard error.</summary>
    /// <param name="line">The line.</param>
    void WriteError(string line);

    /// <summary>Ends the process at once.</summary>
    /// <param name="exitCode">Its exit code.</param>
    void Exit(int exitCode);
}
