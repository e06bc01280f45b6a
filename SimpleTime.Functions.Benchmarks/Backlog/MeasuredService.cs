using System.Globalization;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Benchmarks.Servers;

namespace SimpleTime.Functions.Benchmarks.Backlog;

/// <summary>A process of the service, with its routes and counters. Disposal kills it. Safe for use by several threads.</summary>
internal sealed class MeasuredService : IAsyncDisposable
{
    private const string Key = "benchmark";

    private static readonly TimeSpan _startTime = TimeSpan.FromSeconds(30);

    private readonly ServerProcess _process;
    private readonly HttpClient _client;

    private MeasuredService(ServerProcess process)
    {
        _process = process;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{process.Port}") };
        _client.DefaultRequestHeaders.Add("x-functions-key", Key);
    }

    /// <summary>Gets the port that it listens at.</summary>
    public int Port => _process.Port;

    /// <summary>Gets the bytes of its resident memory.</summary>
    public long ResidentBytes => _process.ResidentBytes;

    /// <summary>Starts the service.</summary>
    /// <param name="native">The native executable; null for the build beside this program.</param>
    /// <param name="brokers">The brokers.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    public static async Task<MeasuredService> StartAsync(string? native, string brokers, string topic, string folder, CancellationToken cancellationToken)
    {
        var process = ServerProcess.StartService(native, new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["FUNCTIONS_KEYS"] = Key,
            ["KAFKA_BROKERS"] = brokers,
            ["KAFKA_TOPIC_EVENTS"] = topic,
            ["DB_PATH"] = Path.Combine(folder, "events.db"),
            ["EVENT_SPOOL_PATH"] = Path.Combine(folder, "outbox"),
            ["EVENT_SPOOL_MAX_BYTES"] = "8000000000",
            ["AzureFunctionsJobHost__functions__0"] = "Time",
            ["AzureFunctionsJobHost__functions__1"] = "Metrics",
            ["AzureFunctionsJobHost__functions__2"] = "KafkaFlush",
            ["AzureFunctionsJobHost__functions__3"] = "KafkaStatus",
        });
        await process.PortAsync(_startTime, cancellationToken).ConfigureAwait(false);
        return new MeasuredService(process);
    }

    /// <summary>Returns the value of one of the outbox's metrics; 0 while there is none.</summary>
    /// <param name="name">The metric, without what all of them begin with.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<long> MetricAsync(string name, CancellationToken cancellationToken)
    {
        var text = await _client.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken).ConfigureAwait(false);
        return Regex.Matches(text, $@"^functions_kafka_output_{name}(?:\{{.*\}})? ([0-9.eE+]+)", RegexOptions.Multiline)
            .Sum(match => (long)double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    /// <summary>Returns whether <c>/kafka/status</c> says UP.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri("/kafka/status", UriKind.Relative), cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Asks for a flush and waits for the answer, whatever that is.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task FlushAsync(CancellationToken cancellationToken) =>
        (await _client.PostAsync(new Uri("/kafka/flush", UriKind.Relative), null, cancellationToken).ConfigureAwait(false)).Dispose();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync().ConfigureAwait(false);
    }
}
