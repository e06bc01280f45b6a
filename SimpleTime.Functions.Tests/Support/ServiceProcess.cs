using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// The service in a process of its own, started as a user would: <c>dotnet SimpleTime.Functions.dll</c> of the tests' output
/// folder, or the program that <c>SIMPLETIME_EXECUTABLE</c> names. Disposal ends it. Safe for use by several threads.
/// </summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Settings that must not reach the service from whoever runs the tests; a trailing * stands for any ending.</summary>
    private static readonly string[] _removedVariables =
    [
        "AWS_*", "KAFKA_*", "FUNCTIONS_*", "EVENT_*", "OTEL_*", "ASPNETCORE_*", "AzureFunctionsJobHost__*", "AzureWebJobs*",
        "Logging__*", "DB_PATH", "MAX_CONNECTIONS", "DOTNET_ENVIRONMENT", "DOTNET_RUNNING_IN_CONTAINER", "DOTNET_URLS", "DOTNET_HTTP_PORTS", "POD_IP", "PORT", "SHUTDOWN_DRAIN_SECONDS",
    ];

    private readonly ChildProcess _process;
    private readonly TempFolder _folder;
    private HttpClient? _client;

    private ServiceProcess(ChildProcess process, TempFolder folder, string databasePath, string spoolPath)
    {
        _process = process;
        _folder = folder;
        DatabasePath = databasePath;
        SpoolPath = spoolPath;
    }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Its <c>DB_PATH</c>: in a folder that is deleted on disposal, unless the environment gave another.</summary>
    public string DatabasePath { get; }

    /// <summary>Its <c>EVENT_SPOOL_PATH</c>: in a folder that is deleted on disposal, unless the environment gave another.</summary>
    public string SpoolPath { get; }

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The lines that it wrote so far to standard output and standard error: a copy.</summary>
    public IReadOnlyList<string> Output => _process.Output;

    /// <summary>A client for its address, with a timeout of 30 s, without proxy, cookies or redirects.</summary>
    /// <exception cref="InvalidOperationException">It does not listen yet.</exception>
    public HttpClient Client => _client ?? throw new InvalidOperationException("The service does not listen yet.");

    /// <summary>Starts the service and waits until it listens.</summary>
    /// <param name="environment">
    /// Its settings. Null removes a variable. What is not given: <c>ASPNETCORE_URLS</c> is a port that the system chooses,
    /// <c>DB_PATH</c> and <c>EVENT_SPOOL_PATH</c> are in a folder of their own, other settings of this service are removed.
    /// </param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It ended at once. The message shows what it wrote.</exception>
    /// <exception cref="TimeoutException">It does not listen in time. The message shows what it wrote.</exception>
    public static Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string?>? environment = null, params string[] args) =>
        WhenListeningAsync(Launch(environment, args));

    /// <summary>Starts the service by another program and waits until it listens.</summary>
    /// <param name="command">What starts the command line that follows it, in the process that it is itself, such as <c>prlimit --nofile=1024</c>.</param>
    /// <param name="environment">Its settings, see <see cref="StartAsync"/>.</param>
    /// <param name="fileName">A program of the tests' output folder that is the service and more; null for the service.</param>
    public static Task<ServiceProcess> StartUnderAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, string? fileName = null)
    {
        var service = fileName is null ? CreateStart([]) : CreateProgramStart(fileName);
        return WhenListeningAsync(Launch(new ProcessStartInfo(command[0], [.. command.Skip(1), service.FileName, .. service.ArgumentList]), environment));
    }

    /// <summary>Starts a program of the tests' output folder that is the service and more, and waits until it listens.</summary>
    /// <param name="fileName">The program's file.</param>
    /// <param name="environment">Its settings, see <see cref="StartAsync"/>.</param>
    public static Task<ServiceProcess> StartProgramAsync(string fileName, IReadOnlyDictionary<string, string?> environment) =>
        WhenListeningAsync(Launch(CreateProgramStart(fileName), environment));

    /// <summary>Starts the service and does not wait: for starts that are expected to fail.</summary>
    /// <param name="environment">Its settings, see <see cref="StartAsync"/>.</param>
    /// <param name="args">Its arguments.</param>
    public static ServiceProcess Launch(IReadOnlyDictionary<string, string?>? environment = null, params string[] args) =>
        Launch(CreateStart(args), environment);

    private static async Task<ServiceProcess> WhenListeningAsync(ServiceProcess service)
    {
        try
        {
            await service.WaitUntilListeningAsync(_startDeadline);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    private static ServiceProcess Launch(ProcessStartInfo start, IReadOnlyDictionary<string, string?>? environment)
    {
        var folder = new TempFolder();
        try
        {
            start.WorkingDirectory = folder.Path;
            foreach (var name in start.Environment.Keys.Where(IsRemoved).ToArray())
            {
                start.Environment.Remove(name);
            }

            start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
            start.Environment["DB_PATH"] = folder.Combine("events.db");
            start.Environment["EVENT_SPOOL_PATH"] = folder.Combine("spool");
            foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            {
                start.Environment[name] = value;
            }

            var databasePath = start.Environment["DB_PATH"] ?? "";
            var spoolPath = start.Environment["EVENT_SPOOL_PATH"] ?? "";
            return new ServiceProcess(ChildProcess.Start(start), folder, databasePath, spoolPath);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the service listens; <see cref="Client"/> is there from then on.</summary>
    /// <param name="deadline">How long to wait.</param>
    /// <exception cref="InvalidOperationException">It ended first. The message shows what it wrote.</exception>
    /// <exception cref="TimeoutException">It does not listen in time. The message shows what it wrote.</exception>
    public async Task WaitUntilListeningAsync(TimeSpan deadline)
    {
        var port = await _process.WaitForOutputAsync(FindPort, "line 'Now listening on:'", deadline);
        _client ??= new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture)).Uri,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Asks the service to end (SIGTERM); nothing happens when it has ended.</summary>
    public void Terminate() => _process.Send(Signals.Terminate);

    /// <summary>Ends the service at once (SIGKILL); nothing happens when it has ended.</summary>
    public void KillHard() => _process.Kill();

    /// <summary>Suspends the service (SIGSTOP), as a paused container is.</summary>
    public void Freeze() => _process.Send(Signals.Stop);

    /// <summary>Lets a suspended service go on (SIGCONT).</summary>
    public void Thaw() => _process.Send(Signals.Continue);

    /// <summary>The names of the service's threads by their ids. On Linux alone.</summary>
    public IReadOnlyDictionary<string, string> Threads()
    {
        var threads = new Dictionary<string, string>();
        foreach (var folder in Directory.GetDirectories($"/proc/{Id}/task"))
        {
            try
            {
                threads.Add(Path.GetFileName(folder), File.ReadAllText(Path.Combine(folder, "comm")).Trim());
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return threads;
    }

    /// <summary>Waits for the end of the service and of its output.</summary>
    /// <param name="deadline">How long to wait.</param>
    /// <returns>The exit code; 143 when an unhandled SIGTERM, 137 when a SIGKILL ended it.</returns>
    /// <exception cref="TimeoutException">It is still running. The message shows what it wrote.</exception>
    public Task<int> WaitForExitAsync(TimeSpan deadline) => _process.WaitForExitAsync(deadline);

    /// <summary>The memory that the service has resident, in bytes.</summary>
    public long ResidentBytes() => _process.ResidentBytes();

    /// <summary>Ends the service at once if it still runs, and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static ProcessStartInfo CreateStart(string[] args)
    {
        var executable = Environment.GetEnvironmentVariable("SIMPLETIME_EXECUTABLE");
        return string.IsNullOrEmpty(executable)
            ? new ProcessStartInfo(DotnetHost.Path, [DotnetHost.OutputFile("SimpleTime.Functions.dll"), .. args])
            : new ProcessStartInfo(Path.GetFullPath(executable), args);
    }

    private static ProcessStartInfo CreateProgramStart(string fileName) => new(DotnetHost.Path, [DotnetHost.OutputFile(fileName)]);

    private static bool IsRemoved(string variable) => Array.Exists(_removedVariables, name => name.EndsWith('*')
        ? variable.StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase)
        : variable.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string? FindPort(IReadOnlyList<string> lines) => lines
        .Select(line => ListeningLine().Match(line))
        .FirstOrDefault(match => match.Success)?.Groups["port"].Value;

    [GeneratedRegex(@"Now listening on: http://(\[[^\]]*\]|[^\s:/]+):(?<port>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex ListeningLine();
}
