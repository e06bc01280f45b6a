using System.Diagnostics;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// The test broker in a process of its own, so that it can be frozen and killed. Ends with its disposal, and by itself when
/// the tests' process ends. See <c>EmbeddedBroker</c> for what it keeps and what it cannot do. Safe for use by several threads.
/// </summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private const string AddressPrefix = "BOOTSTRAP ";

    private static readonly TimeSpan _startDeadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _commandDeadline = TimeSpan.FromSeconds(10);

    private readonly ChildProcess _process;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _sent;

    private BrokerProcess(ChildProcess process)
    {
        _process = process;
    }

    /// <summary>The brokers' addresses, as <c>bootstrap.servers</c> takes them.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a broker with one topic and waits until it listens.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partitions">How many partitions it has.</param>
    public static Task<BrokerProcess> StartAsync(string topic, int partitions) => StartAsync("--topic", $"{topic}:{partitions}");

    /// <summary>Starts a broker and waits until it listens.</summary>
    /// <param name="args">The arguments of the console: <c>--topic NAME:PARTITIONS</c>, <c>--brokers N</c>.</param>
    /// <exception cref="InvalidOperationException">It ended at once. The message shows what it wrote.</exception>
    /// <exception cref="TimeoutException">It does not start. The message shows what it wrote.</exception>
    public static async Task<BrokerProcess> StartAsync(params string[] args)
    {
        var start = new ProcessStartInfo(DotnetHost.Path, [DotnetHost.OutputFile("SimpleTime.Functions.TestBroker.dll"), .. args]);
        var broker = new BrokerProcess(ChildProcess.Start(start));
        try
        {
            var line = await broker._process.WaitForOutputAsync(
                lines => lines.FirstOrDefault(l => l.StartsWith(AddressPrefix, StringComparison.Ordinal)), "its address", _startDeadline);
            broker.BootstrapServers = line[AddressPrefix.Length..];
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes all connections and refuses new ones; records, groups and offsets stay.</summary>
    public Task DownAsync() => CommandAsync("down");

    /// <summary>Accepts connections again, at the same addresses.</summary>
    public Task UpAsync() => CommandAsync("up");

    /// <summary>Gives a command and waits until it is carried out.</summary>
    /// <param name="command">One of those that the test broker's console knows, such as <c>rtt 200</c> or <c>errors 0 7 7</c>.</param>
    /// <exception cref="InvalidOperationException">The broker answers with an error, which the message holds, or has ended.</exception>
    /// <exception cref="TimeoutException">It does not answer, for instance because it is frozen.</exception>
    public async Task CommandAsync(string command)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.Input.WriteLineAsync(command);
            await _process.Input.FlushAsync();

            // By number, so that the late answer to a command that was given up is not taken for the next one's.
            var number = _sent++;
            var answer = await _process.WaitForOutputAsync(
                lines => lines.Where(IsAnswer).ElementAtOrDefault(number), $"answer to '{command}'", _commandDeadline);
            if (answer != "OK")
            {
                throw new InvalidOperationException($"The test broker answers '{command}' with: {answer}");
            }
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"The test broker does not take '{command}'. {_process.Describe()}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="ChildProcess.Freeze"/>
    public void Freeze() => _process.Freeze();

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public void Thaw() => _process.Thaw();

    /// <summary>Ends the process at once (SIGKILL). All records are lost.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Closes the standard input, as the end of the tests' process does.</summary>
    public void CloseInput() => _process.Input.Close();

    /// <summary>Waits for the end of the process.</summary>
    /// <param name="deadline">How long to wait.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It is still running.</exception>
    public Task<int> WaitForExitAsync(TimeSpan deadline) => _process.WaitForExitAsync(deadline);

    /// <summary>Ends the process, also when it is frozen.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _turn.Dispose();
    }

    private static bool IsAnswer(string line) => line == "OK" || line.StartsWith("ERROR ", StringComparison.Ordinal);
}
