using System.Globalization;
using System.Text.Json;
using SimpleTime.Functions.Benchmarks.Load;
using SimpleTime.Functions.Benchmarks.Servers;

namespace SimpleTime.Functions.Benchmarks.Comparing;

/// <summary>
/// The servers of all variants, up at the same time, and rounds in which each is measured once, in another order each time: what
/// else the machine does meets all of them alike, and what a round says of two variants is of the same moments. Used by one at a time.
/// </summary>
internal sealed class Comparison : IAsyncDisposable
{
    private const string Topic = "simple-time-events";

    // What a window leaves behind belongs to it: messages linger 50 ms.
    private static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan _startDeadline = TimeSpan.FromSeconds(30);

    private readonly BenchmarkOptions _options;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simple-time-benchmarks-");
    private readonly List<ServerProcess> _helpers = [];
    private readonly List<(Variant Variant, ServerProcess Process)> _servers = [];

    private Comparison(BenchmarkOptions options)
    {
        _options = options;
    }

    /// <summary>Runs a comparison.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it, and what it started.</param>
    /// <returns>The measurements of each variant, one for each round.</returns>
    /// <exception cref="InvalidOperationException">A process did not start, or a server did not do what is to be measured.</exception>
    /// <exception cref="IOException">A server gave no answer, or another one than 200.</exception>
    public static async Task<IReadOnlyList<(Variant Variant, IReadOnlyList<Measurement> Rounds)>> RunAsync(
        BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var measurements = Variant.All(options, "").ToDictionary(variant => variant.Name, _ => new List<Measurement>());
        foreach (var rounds in options.RoundsOfEachStart)
        {
            await using var comparison = new Comparison(options);
            await comparison.StartAsync(cancellationToken).ConfigureAwait(false);
            await comparison.MeasureAsync(rounds, measurements, cancellationToken).ConfigureAwait(false);
        }

        return [.. Variant.All(options, "").Select(variant => (variant, (IReadOnlyList<Measurement>)measurements[variant.Name]))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _servers.Select(server => server.Process).Concat(_helpers))
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        // A process of its own: its work is not the service's.
        var broker = Helper("SimpleTime.Functions.TestBroker.dll", "--topic", $"{Topic}:4");
        var brokers = await broker.FindAsync("BOOTSTRAP (.+)", _startDeadline, cancellationToken).ConfigureAwait(false);
        var sink = Helper("SimpleTime.Functions.Benchmarks.dll", OtlpSink.Mode);
        var sinkAddress = $"http://127.0.0.1:{await sink.PortAsync(_startDeadline, cancellationToken).ConfigureAwait(false)}";
        byte[] body = [];
        foreach (var variant in Variant.All(_options, sinkAddress).OrderBy(variant => variant.Settings is null))
        {
            var process = variant.Settings is { } settings
                ? ServerProcess.StartService(variant.IsOther ? _options.Against : _options.Native, Settings(settings, brokers, _servers.Count))
                : ServerProcess.StartProgram("SimpleTime.Functions.Benchmarks.dll", BareApi.Mode, Convert.ToBase64String(body));
            _servers.Add((variant, process));
            await process.PortAsync(_startDeadline, cancellationToken).ConfigureAwait(false);
            body = await AnswerOfAsync("UP", process, cancellationToken).ConfigureAwait(false);
        }

        if (_options.IsKafkaAway)
        {
            await broker.WriteLineAsync("down").ConfigureAwait(false);
            foreach (var (_, process) in _servers.Where(server => server.Variant.Settings is not null))
            {
                await AnswerOfAsync("NOT UP", process, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private ServerProcess Helper(string program, params string[] args)
    {
        var helper = ServerProcess.StartProgram(program, args);
        _helpers.Add(helper);
        return helper;
    }

    // What writes the database would share the processor; what emits is what a request costs.
    private Dictionary<string, string> Settings(IReadOnlyDictionary<string, string> variant, string brokers, int number) => new(variant)
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["KAFKA_BROKERS"] = brokers,
        ["KAFKA_TOPIC_EVENTS"] = Topic,
        ["DB_PATH"] = Path.Combine(_folder.FullName, "events.db"),
        ["EVENT_SPOOL_PATH"] = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"spool-{number}")),
        ["AzureFunctionsJobHost__functions__0"] = "Time",
        ["AzureFunctionsJobHost__functions__1"] = "Metrics",
    };

    // The bare API answers with the bytes that the service does once Kafka is up.
    private static async Task<byte[]> AnswerOfAsync(string status, ServerProcess process, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_startDeadline);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{process.Port}/"));
            request.Headers.Add(LoadConnection.ForwardedHeader, LoadConnection.ForwardedFor);
            using var response = await client.SendAsync(request, deadline.Token).ConfigureAwait(false);
            var body = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
            if (JsonElement.Parse(body).GetProperty("kafka_status").GetString() == status)
            {
                return body;
            }

            await Task.Delay(100, deadline.Token).ConfigureAwait(false);
        }
    }

    private async Task MeasureAsync(int rounds, Dictionary<string, List<Measurement>> measurements, CancellationToken cancellationToken)
    {
        var order = _servers.ToArray();
        for (var round = -_options.WarmUpRounds; round < rounds; round++)
        {
            Random.Shared.Shuffle(order);
            foreach (var (variant, process) in order)
            {
                var measurement = await MeasureAsync(process, cancellationToken).ConfigureAwait(false);
                if (round >= 0)
                {
                    measurements[variant.Name].Add(measurement);
                }
            }
        }

        await CheckAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<Measurement> MeasureAsync(ServerProcess process, CancellationToken cancellationToken)
    {
        var before = process.ProcessorTime;
        var window = await LoadWindow.RunAsync(process.Port, _options.Connections, TimeSpan.FromSeconds(_options.Seconds), cancellationToken)
            .ConfigureAwait(false);
        await Task.Delay(_settling, cancellationToken).ConfigureAwait(false);
        var cpu = process.ProcessorTime - before;
        return new(
            window.Requests / window.Elapsed.TotalSeconds,
            cpu.TotalMicroseconds / window.Requests,
            window.Percentile(0.5).TotalMilliseconds,
            window.Percentile(0.99).TotalMilliseconds);
    }

    // Numbers of a service that was not what its variant says would be worth nothing.
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (var (variant, process) in _servers.Where(server => server.Variant.Settings is not null))
        {
            await AnswerOfAsync(_options.IsKafkaAway ? "NOT UP" : "UP", process, cancellationToken).ConfigureAwait(false);
            var metrics = await client.GetStringAsync(new Uri($"http://127.0.0.1:{process.Port}/metrics"), cancellationToken).ConfigureAwait(false);
            if (metrics.Contains("http_server_request_duration", StringComparison.Ordinal) == (variant.Name == Variant.BaseName))
            {
                throw new InvalidOperationException($"The metrics of \"{variant.Name}\" are not as they should be.");
            }
        }

        var sink = _helpers[^1];
        await sink.WriteLineAsync(OtlpSink.Question).ConfigureAwait(false);
        var exported = await sink.FindAsync(OtlpSink.Answer, _startDeadline, cancellationToken).ConfigureAwait(false);
        if (exported == "0" && _options.Against is null)
        {
            throw new InvalidOperationException("No traces reached the OTLP sink.");
        }
    }
}
