using System.Diagnostics;
using System.Net.Sockets;
using Confluent.Kafka;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>
/// A node of a cluster: a process that can be stopped, killed, frozen and started again at the same addresses and with the same
/// data. Ends with its disposal, and by itself when the tests' process ends.
/// </summary>
internal sealed class KafkaNode : IAsyncDisposable
{
    // Five seconds on a machine that does nothing else.
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan _question = TimeSpan.FromSeconds(2);

    private readonly string _properties;
    private readonly string? _tokenKeys;
    private ChildProcess? _process;

    /// <param name="id">The node's number, from 1.</param>
    /// <param name="address">The address of its plain listener.</param>
    /// <param name="properties">The path of its <c>server.properties</c>.</param>
    /// <param name="tokenKeys">The file that it may read the keys of tokens from; null for none.</param>
    public KafkaNode(int id, string address, string properties, string? tokenKeys = null)
    {
        Id = id;
        Address = address;
        _properties = properties;
        _tokenKeys = tokenKeys;
    }

    /// <summary>The node's number, from 1: <c>node.id</c>, and the broker's id in metadata.</summary>
    public int Id { get; }

    /// <summary>The address of its plain listener.</summary>
    public string Address { get; }

    /// <summary>The lines that the process wrote so far, since its last start; empty before the first.</summary>
    public IReadOnlyList<string> Output => _process?.Output ?? [];

    /// <summary>Whether the process was started and has not ended.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private ChildProcess Process => _process ?? throw new InvalidOperationException($"Node {Id} was never started.");

    /// <summary>Starts the process and waits until the node is a broker of its cluster, for which most nodes must run.</summary>
    /// <exception cref="SocketException">Somebody else has one of its ports.</exception>
    /// <exception cref="InvalidOperationException">It ended. The message shows what it wrote.</exception>
    /// <exception cref="TimeoutException">It is no broker of the cluster in time. The message shows what it wrote.</exception>
    public async Task StartAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        var start = KafkaInstallation.Run("kafka.Kafka", _properties);
        if (_tokenKeys is not null)
        {
            // No server property: Kafka reads keys from no other place, since a client's settings name one as well.
            start.Environment.TryGetValue("JDK_JAVA_OPTIONS", out var options);
            start.Environment["JDK_JAVA_OPTIONS"] = $"{options} -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{_tokenKeys}";
        }

        _process = ChildProcess.Start(start, $"Node {Id}");
        var started = Stopwatch.GetTimestamp();
        while (!await Task.Run(IsBroker))
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(_deadline);
                throw _process.Output.Any(line => line.Contains("Address already in use", StringComparison.Ordinal))
                    ? new SocketException((int)SocketError.AddressAlreadyInUse)
                    : new InvalidOperationException($"Node {Id} ended. {_process.Describe()}");
            }

            if (Stopwatch.GetElapsedTime(started) > _deadline)
            {
                throw new TimeoutException(
                    $"Node {Id} is no broker of its cluster within {_deadline.TotalSeconds} s. {_process.Describe()}");
            }
        }
    }

    /// <summary>Stops the node as an operator does (SIGTERM): its leaders move first, where there are other nodes.</summary>
    /// <exception cref="TimeoutException">It is still running after two minutes, for instance because most other nodes are away.</exception>
    public async Task StopAsync()
    {
        Process.Send(Signals.Terminate);
        await Process.WaitForExitAsync(_deadline);
    }

    /// <summary>Ends the process at once (SIGKILL), and waits for its end.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync(_deadline);
    }

    /// <inheritdoc cref="ChildProcess.Freeze"/>
    public void Freeze() => Process.Freeze();

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public void Thaw() => Process.Thaw();

    /// <summary>Ends the process at once, also when it is frozen.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    // A new client each time, since one asks all the brokers that it knows. A broker answers once it is registered.
    private bool IsBroker()
    {
        using var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address, ReconnectBackoffMaxMs = 200 })
            .SetLogHandler((_, _) => { }).Build();
        try
        {
            return client.GetMetadata(_question).Brokers.Exists(broker => broker.BrokerId == Id);
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
