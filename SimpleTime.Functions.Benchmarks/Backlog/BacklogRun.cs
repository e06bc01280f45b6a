using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SimpleTime.Functions.Benchmarks.Load;
using SimpleTime.Functions.Benchmarks.Servers;

namespace SimpleTime.Functions.Benchmarks.Backlog;

/// <summary>
/// Measures what waits for Kafka: how fast messages that a dead process left in files are sent, beside fresh ones, and what <c>GET /</c> takes
/// meanwhile, and while many callers flush. Used by one at a time.
/// </summary>
internal sealed class BacklogRun : IAsyncDisposable
{
    private const string Topic = "simple-time-events";
    private const int Partitions = 12;
    private const int FreshConnections = 16;
    private const int Flushers = 50;
    private const int FlushRounds = 5;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _freshTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _startTime = TimeSpan.FromSeconds(30);

    // More than a window of messages waits, and fewer seconds than make Kafka NOT UP.
    private static readonly TimeSpan _slowRoundTrip = TimeSpan.FromSeconds(3);

    private readonly BenchmarkOptions _options;
    private readonly TextWriter _output;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simple-time-benchmarks-");
    private readonly ServerProcess _broker = ServerProcess.StartProgram("SimpleTime.Functions.TestBroker.dll", "--topic", $"{Topic}:{Partitions}");

    private BacklogRun(BenchmarkOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
    }

    /// <summary>Runs the benchmark and writes a table.</summary>
    /// <param name="options">How; <see cref="BenchmarkOptions.Backlog"/> is not null.</param>
    /// <param name="output">Where the table goes.</param>
    /// <param name="cancellationToken">Ends it, and what it started.</param>
    /// <exception cref="InvalidOperationException">A process did not start.</exception>
    public static async Task RunAsync(BenchmarkOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using var run = new BacklogRun(options, output);
        await run.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync().ConfigureAwait(false);
        _folder.Delete(recursive: true);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await _output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {(_options.Native is null ? "JIT" : "native service")}"))
            .ConfigureAwait(false);
        await _output.WriteLineAsync("\n| | messages/s | GET / p50 ms | p99 ms | |\n|---|---|---|---|---|").ConfigureAwait(false);
        var brokers = await _broker.FindAsync("BOOTSTRAP (.+)", _startTime, cancellationToken).ConfigureAwait(false);
        long left;
        await using (var service = await StartAsync(brokers, cancellationToken).ConfigureAwait(false))
        {
            await MeasureFreshAsync(service, cancellationToken).ConfigureAwait(false);
            await MeasureFlushesAsync(service, cancellationToken).ConfigureAwait(false);
            left = await LeaveAsync(service, cancellationToken).ConfigureAwait(false);
        }

        await _broker.WriteLineAsync("up").ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        await using var next = await StartAsync(brokers, cancellationToken).ConfigureAwait(false);
        await MeasureBacklogAsync(next, left, started, cancellationToken).ConfigureAwait(false);
    }

    private Task<MeasuredService> StartAsync(string brokers, CancellationToken cancellationToken) =>
        MeasuredService.StartAsync(_options.Native, brokers, Topic, _folder.FullName, cancellationToken);

    private async Task MeasureFreshAsync(MeasuredService service, CancellationToken cancellationToken)
    {
        await UntilAsync(() => service.IsUpAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        await LoadWindow.RunAsync(service.Port, FreshConnections, _window, cancellationToken).ConfigureAwait(false);
        await UntilAsync(IsSentAsync, cancellationToken).ConfigureAwait(false);
        var before = await service.MetricAsync("delivered_total", cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        var window = await LoadWindow.RunAsync(service.Port, FreshConnections, _freshTime, cancellationToken).ConfigureAwait(false);
        await UntilAsync(IsSentAsync, cancellationToken).ConfigureAwait(false);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var delivered = await service.MetricAsync("delivered_total", cancellationToken).ConfigureAwait(false) - before;
        await WriteAsync(
            $"fresh, {FreshConnections} connections", $"{delivered / elapsed.TotalSeconds:0}", Milliseconds(window, 0.5), Milliseconds(window, 0.99), "")
            .ConfigureAwait(false);

        async Task<bool> IsSentAsync() => await service.MetricAsync("pending", cancellationToken).ConfigureAwait(false) == 0;
    }

    private async Task MeasureFlushesAsync(MeasuredService service, CancellationToken cancellationToken)
    {
        await _broker.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"rtt {_slowRoundTrip.TotalMilliseconds}")).ConfigureAwait(false);
        List<(LoadWindow Without, LoadWindow With, long Pending)> rounds = [];
        for (var round = 0; round < FlushRounds; round++)
        {
            await LoadWindow.RunAsync(service.Port, FreshConnections, _window, cancellationToken).ConfigureAwait(false);
            var without = await LoadWindow.RunAsync(service.Port, 1, _window, cancellationToken).ConfigureAwait(false);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var flushes = Task.WhenAll(Enumerable.Range(0, Flushers).Select(_ => Task.Run(() => FlushAsync(service, ending.Token), cancellationToken)));
            var pending = await service.MetricAsync("pending", cancellationToken).ConfigureAwait(false);
            var with = await LoadWindow.RunAsync(service.Port, 1, _window, cancellationToken).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await flushes.ConfigureAwait(false);
            rounds.Add((without, with, pending));
        }

        await _broker.WriteLineAsync("rtt 0").ConfigureAwait(false);
        await WriteAsync("no flush", "", Median(0.5, round => round.Without), Median(0.99, round => round.Without), "").ConfigureAwait(false);
        await WriteAsync(
            $"{Flushers} callers flush",
            "",
            Median(0.5, round => round.With),
            Median(0.99, round => round.With),
            $"{rounds.Min(round => round.Pending)} to {rounds.Max(round => round.Pending)} messages pending").ConfigureAwait(false);

        string Median(double part, Func<(LoadWindow Without, LoadWindow With, long Pending), LoadWindow> window) =>
            Text(rounds.Select(round => window(round).Percentile(part).TotalMilliseconds).Order().ElementAt(FlushRounds / 2));
    }

    private static async Task FlushAsync(MeasuredService service, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await service.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    // Leaves messages in files for the next process.
    private async Task<long> LeaveAsync(MeasuredService service, CancellationToken cancellationToken)
    {
        await _broker.WriteLineAsync("down").ConfigureAwait(false);
        await UntilAsync(async () => !await service.IsUpAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        long pending;
        while ((pending = await service.MetricAsync("pending", cancellationToken).ConfigureAwait(false)) < _options.Backlog)
        {
            await LoadWindow.RunAsync(service.Port, 2, _window / 2, cancellationToken).ConfigureAwait(false);
        }

        // What is accepted is in a file after 200 ms, or after whatever the disk takes.
        await Task.Delay(2 * _window, cancellationToken).ConfigureAwait(false);
        return pending;
    }

    private async Task MeasureBacklogAsync(MeasuredService service, long left, long started, CancellationToken cancellationToken)
    {
        using var sent = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync();
        TimeSpan? first = null;
        var (delivered, resident, files) = (0L, 0L, await service.MetricAsync("spool_size_bytes", cancellationToken).ConfigureAwait(false));
        while (delivered < left)
        {
            delivered = await service.MetricAsync("delivered_total", cancellationToken).ConfigureAwait(false);
            first ??= delivered > 0 ? Stopwatch.GetElapsedTime(started) : null;
            resident = Math.Max(resident, service.ResidentBytes);
            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        var elapsed = Stopwatch.GetElapsedTime(started) - first!.Value;
        await sent.CancelAsync().ConfigureAwait(false);
        var times = await asking.ConfigureAwait(false);
        await WriteAsync(
            $"backlog of {left}",
            $"{left / elapsed.TotalSeconds:0}",
            Text(times[times.Count / 2]),
            Text(times[times.Count * 99 / 100]),
            $"the first {Text(first.Value.TotalSeconds)} s after the start, at most {resident / 1_000_000} MB resident, {files / 1_000_000} MB of files")
            .ConfigureAwait(false);

        async Task<List<double>> AskAsync()
        {
            List<double> milliseconds = [];
            using var connection = new LoadConnection();
            await connection.ConnectAsync(service.Port, cancellationToken).ConfigureAwait(false);
            while (!sent.IsCancellationRequested)
            {
                var asked = Stopwatch.GetTimestamp();
                await connection.GetAsync(cancellationToken).ConfigureAwait(false);
                milliseconds.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            }

            milliseconds.Sort();
            return milliseconds;
        }
    }

    private Task WriteAsync(params string[] cells) => _output.WriteLineAsync($"| {string.Join(" | ", cells)} |");

    private static string Milliseconds(LoadWindow window, double part) => Text(window.Percentile(part).TotalMilliseconds);

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition().ConfigureAwait(false))
        {
            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }
    }
}
