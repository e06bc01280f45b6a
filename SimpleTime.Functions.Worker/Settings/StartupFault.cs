namespace SimpleTime.Functions.Worker.Settings;

/// <summary>What keeps the service from running. Immutable.</summary>
/// <param name="ExitCode">The exit code of the process.</param>
/// <param name="Line">What is wrong, as one line.</param>
internal sealed record StartupFault(int ExitCode, string Line)
{
    /// <summary>The exit code where a setting's value is wrong.</summary>
    public const int WrongSetting = 1;

    /// <summary>The exit code where the program is called in a wrong way.</summary>
    public const int WrongArgument = 2;
}
