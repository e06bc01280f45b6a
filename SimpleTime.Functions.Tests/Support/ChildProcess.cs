using System.Diagnostics;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// A process that a test started: its lines of output, signals, and an end that is certain. Safe for use by several threads.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int ShownLines = 60;

    private static readonly TimeSpan _endDeadline = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private TaskCompletionSource _changed = NewSignal();

    private ChildProcess(ProcessStartInfo start, string? name)
    {
        Name = name ?? Path.GetFileName(start.ArgumentList.FirstOrDefault() ?? start.FileName);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += OnLine;
        _process.ErrorDataReceived += OnLine;
        _process.Exited += (_, _) => SignalChange();
    }

    /// <summary>The name of the program, for messages.</summary>
    public string Name { get; }

    /// <summary>The process's id.</summary>
    public int Id { get; private set; }

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The process's standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>The lines that it wrote so far to standard output and standard error: a copy.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_lock)
            {
                return [.. _output];
            }
        }
    }

    /// <summary>Starts a process, with its input, output and error redirected.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="name">Its name, for messages; null for that of the first argument.</param>
    public static ChildProcess Start(ProcessStartInfo start, string? name = null)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var child = new ChildProcess(start, name);
        Forks.Start(child._process);
        child.Id = child._process.Id;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits until the output so far satisfies a question, and returns the answer.</summary>
    /// <param name="find">Gets all lines so far; null means not yet.</param>
    /// <param name="what">What is waited for, for messages.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <exception cref="TimeoutException">It did not come in time. The message shows what the process wrote.</exception>
    /// <exception cref="InvalidOperationException">The process ended first. The message shows what it wrote.</exception>
    public async Task<string> WaitForOutputAsync(Func<IReadOnlyList<string>, string?> find, string what, TimeSpan deadline)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (find(_output) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            if (_process.HasExited)
            {
                // What it wrote last may still be on its way.
                await WaitForExitAsync(_endDeadline);
                return find(Output)
                    ?? throw new InvalidOperationException($"{Name} ended with {_process.ExitCode} before {what}. {Describe()}");
            }

            var remaining = deadline - Stopwatch.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero || await Task.WhenAny(changed, Task.Delay(remaining)) != changed)
            {
                throw new TimeoutException($"{Name}: no {what} within {deadline.TotalSeconds:0.###} s. {Describe()}");
            }
        }
    }

    /// <summary>Waits for the end of the process and of its output.</summary>
    /// <param name="deadline">How long to wait.</param>
    /// <returns>The exit code; 128 and the signal's number when a signal ended it.</returns>
    /// <exception cref="TimeoutException">It is still running. The message shows what it wrote.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan deadline)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(deadline);
            return _process.ExitCode;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Name} did not end within {deadline.TotalSeconds:0.###} s. {Describe()}", e);
        }
    }

    /// <summary>Sends a signal; nothing happens when the process has ended.</summary>
    /// <param name="signal">The signal's number, see <see cref="Signals"/>.</param>
    public void Send(int signal)
    {
        if (!_process.HasExited)
        {
            Signals.Send(Id, signal);
        }
    }

    /// <summary>Stops the process (SIGSTOP): connections stay open, new ones are even accepted by the system, nothing answers.</summary>
    /// <exception cref="TimeoutException">The process did not stop.</exception>
    public void Freeze()
    {
        Send(Signals.Stop);
        if (OperatingSystem.IsLinux() && !SpinWait.SpinUntil(IsStopped, _endDeadline))
        {
            throw new TimeoutException($"{Name} did not freeze.");
        }
    }

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public void Thaw() => Send(Signals.Continue);

    /// <summary>Ends the process at once; nothing happens when it has ended.</summary>
    public void Kill() => _process.Kill();

    /// <summary>The memory that the process has resident, in bytes.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>What the process wrote last, for messages.</summary>
    public string Describe()
    {
        var output = Output;
        return output.Count == 0
            ? "It wrote nothing."
            : $"It wrote {output.Count} lines, the last of them:{Environment.NewLine}"
                + string.Join(Environment.NewLine, output.TakeLast(ShownLines));
    }

    /// <summary>Ends the process at once if it runs, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await WaitForExitAsync(_endDeadline);
        _process.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The state follows the parenthesized name in /proc/PID/stat: proc_pid_stat(5).
    private bool IsStopped()
    {
        var stat = File.ReadAllText($"/proc/{Id}/stat");
        return stat.AsSpan(stat.LastIndexOf(')')).StartsWith(") T");
    }

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is { } line)
        {
            lock (_lock)
            {
                _output.Add(line);
            }

            SignalChange();
        }
    }

    private void SignalChange()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }
}
