namespace SimpleTime.Functions.Worker.Lifetime;

internal sealed class CurrentProcess : IProcess
{
    public int ExitCode
    {
        set => Environment.ExitCode = value;
    }

    public void WriteError(string line) => Console.Error.WriteLine(line);

    public void Exit(int exitCode) => Environment.Exit(exitCode);
}
