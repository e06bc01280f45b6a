using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Benchmarks.Servers;

/// <summary>A process that the benchmark started. Disposal ends it. Safe for use by several threads.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int MaxLines = 200;

    // Settings that must not reach the servers from whoever runs the benchmark.
    private static readonly string[] _removed =
        ["KAFKA_", "FUNCTIONS_", "EVENT_", "OTEL_", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_URLS", "DOTNET_RUNNING_", "AzureFunctions", "AzureWebJobs", "Logging__"];

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];

    private ServerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = AppContext.BaseDirectory;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += OnLine;
        _process.ErrorDataReceived += OnLine;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The port that it listens at; 0 before <see cref="PortAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>The processor time that all its threads took so far, in steps of 10 ms.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Gets the bytes of its resident memory.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the service.</summary>
    /// <param name="native">The native executable; null for the build beside this program.</param>
    /// <param name="settings">Its environment.</param>
    public static ServerProcess StartService(string? native, IReadOnlyDictionary<string, string> settings)
    {
        var start = native is null ? Dotnet("SimpleTime.Functions.dll") : new ProcessStartInfo(native);
        foreach (var name in start.Environment.Keys.Where(name => Array.Exists(_removed, prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(start);
    }

    /// <summary>Starts a program of the benchmark's folder.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="args">Its arguments.</param>
    public static ServerProcess StartProgram(string program, params string[] args)
    {
        var start = Dotnet(program);
        Array.ForEach(args, start.ArgumentList.Add);
        return new ServerProcess(start);
    }

    /// <summary>Waits until it listens.</summary>
    /// <param name="deadline">How long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The port.</returns>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<int> PortAsync(TimeSpan deadline, CancellationToken cancellationToken) => Port = int.Parse(
        await FindAsync("Now listening on: http://[^:]+:([0-9]+)", deadline, cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);

    /// <summary>Waits for a line of its output.</summary>
    /// <param name="pattern">An expression with one group.</param>
    /// <param name="deadline">How long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The group.</returns>
    /// <exception cref="InvalidOperationException">The process ended, or the line did not come. The message shows what it wrote.</exception>
    public async Task<string> FindAsync(string pattern, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var hasExited = _process.HasExited;
            string[] lines;
            lock (_lock)
            {
                lines = [.. _output];
            }

            if (lines.Select(line => Regex.Match(line, pattern)).FirstOrDefault(match => match.Success) is { } found)
            {
                return found.Groups[1].Value;
            }

            if (hasExited || Stopwatch.GetElapsedTime(started) > deadline)
            {
                throw new InvalidOperationException(string.Join(
                    Environment.NewLine, [$"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} is of no use:", .. lines]));
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a line to its input.</summary>
    /// <param name="line">The line.</param>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the process at once if it runs, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static ProcessStartInfo Dotnet(string program)
    {
        // shared/Microsoft.NETCore.App/VERSION/ under the folder of dotnet
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return new(File.Exists(dotnet) ? dotnet : "dotnet", [Path.Combine(AppContext.BaseDirectory, program)]);
    }

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        lock (_lock)
        {
            if (e.Data is { } line && _output.Count < MaxLines)
            {
                _output.Add(line);
            }
        }
    }
}
