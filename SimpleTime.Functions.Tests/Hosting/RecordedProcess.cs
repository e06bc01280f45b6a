using SimpleTime.Functions.Worker.Lifetime;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Keeps what a worker would do to its process. Safe for use by several threads.</summary>
internal sealed class RecordedProcess : IProcess
{
    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private int? _exitCode;
    private int? _exited;

    /// <summary>The exit code that was set; null while none was.</summary>
    public int? ExitCode
    {
        get
        {
            lock (_lock)
            {
                return _exitCode;
            }
        }
    }

    /// <summary>The exit code that the process was ended with; null while it was not.</summary>
    public int? Exited
    {
        get
        {
            lock (_lock)
            {
                return _exited;
            }
        }
    }

    /// <summary>The lines that were written to standard error: a copy.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    int IProcess.ExitCode
    {
        set
        {
            lock (_lock)
            {
                _exitCode = value;
            }
        }
    }

    public void WriteError(string line)
    {
        lock (_lock)
        {
            _errors.Add(line);
        }
    }

    public void Exit(int exitCode)
    {
        lock (_lock)
        {
            _exited ??= exitCode;
        }
    }
}
