using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Xunit.Abstractions;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>
/// Everything at once for half an hour, on a machine that does nothing else:
/// <c>SIMPLETIME_FAULTS=full dotnet test --filter Category=Soak --logger "console;verbosity=detailed"</c>.
/// </summary>
[Trait("Category", "Soak")]
public class SoakTests(ITestOutputHelper output) : FaultTest
{
    private const int Rate = 20;
    private const int IdleConnections = 300;

    // What the end may have more than the first ten minutes.
    private const int MoreThreads = 6;
    private const int MoreDescriptors = 12;
    private const double MoreMemory = 0.2;

    private static readonly TimeSpan _warmUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    // Each with another period, so that they come together in all ways.
    private int _outages;
    private int _locks;
    private int _stops;
    private int _connections;

    [SoakFact]
    public async Task All_is_stored_and_nothing_grows_while_everything_goes_wrong_at_once()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, Rate);
        await Eventually.BecomesTrueAsync(async () => await EventsAsync() > 0, _patience);

        var warmUp = FaultScale.Soak / 3 < _warmUp ? FaultScale.Soak / 3 : _warmUp;
        await EverythingGoesWrongAsync(service, warmUp);
        var first = await MeasureAsync(service);
        await EverythingGoesWrongAsync(service, FaultScale.Soak - warmUp);
        var last = await MeasureAsync(service);

        var answered = await load.StopAsync();
        output.WriteLine(
            $"{answered} requests, {_outages} outages, {_locks} locks, {_stops} stops, {_connections} idle connections in {FaultScale.Soak.TotalMinutes:0.#} minutes; "
            + $"after {warmUp.TotalMinutes:0.#} minutes {first}; at the end {last}; {await EventsAsync()} rows.");
        Assert.Equal(0, load.Refused + load.CutOff);
        await AllAreStoredAsync(answered, _patience);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.InRange(last.Threads, 1, first.Threads + MoreThreads);
        Assert.InRange(last.Descriptors, 1, first.Descriptors + MoreDescriptors);
        Assert.InRange(last.Resident, 1, (long)(first.Resident * (1 + MoreMemory)));
    }

    private async Task EverythingGoesWrongAsync(ServiceProcess service, TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        await Task.WhenAll(
            RepeatAsync(TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(11), Broker.DownAsync, Broker.UpAsync, () => _outages++, end.Token),
            RepeatAsync(TimeSpan.FromSeconds(23), TimeSpan.FromSeconds(7), service.Freeze, service.Thaw, () => _stops++, end.Token),
            LockAsync(end.Token),
            HoldConnectionsAsync(service, end.Token));
    }

    private static Task RepeatAsync(TimeSpan pause, TimeSpan duration, Action begin, Action finish, Action count, CancellationToken end) => RepeatAsync(
        pause, duration, () => RunAsync(begin), () => RunAsync(finish), count, end);

    private static Task RunAsync(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task RepeatAsync(
        TimeSpan pause, TimeSpan duration, Func<Task> begin, Func<Task> finish, Action count, CancellationToken end)
    {
        while (await LastsAsync(pause, end))
        {
            await begin();
            await LastsAsync(duration, end);
            await finish();
            count();
        }
    }

    private async Task LockAsync(CancellationToken end)
    {
        await using var other = new SqliteConnection($"Data Source={Database};Pooling=False");
        await other.OpenAsync(CancellationToken.None);
        await RepeatAsync(
            TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(9), () => ExecuteAsync("BEGIN IMMEDIATE"), () => ExecuteAsync("ROLLBACK"), () => _locks++, end);

        async Task ExecuteAsync(string sql)
        {
            await using var command = other.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task HoldConnectionsAsync(ServiceProcess service, CancellationToken end)
    {
        do
        {
            using var connections = new HeldConnections(service.Client.BaseAddress!.Port);
            for (var i = 0; i < IdleConnections && !end.IsCancellationRequested; i++)
            {
                // Some wait for an answer that they do not read, some in the middle of their headers, some have sent nothing.
                await connections.OpenAsync((i % 3) switch
                {
                    0 => "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    1 => "GET / HTTP/1.1\r\nHost:",
                    _ => "",
                });
            }

            _connections += connections.Count;
            await LastsAsync(TimeSpan.FromSeconds(41), end);
        }
        while (!end.IsCancellationRequested);
    }

    /// <summary>Waits for a time, or the end.</summary>
    /// <returns>Whether it is not the end.</returns>
    private static async Task<bool> LastsAsync(TimeSpan duration, CancellationToken end)
    {
        await Task.Delay(duration, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !end.IsCancellationRequested;
    }

    /// <summary>Waits until all is well again, under load, and returns the least of what the service uses in half a minute.</summary>
    private static async Task<Usage> MeasureAsync(ServiceProcess service)
    {
        await Eventually.BecomesTrueAsync(
            async () => (await service.GetJsonAsync("/kafka/status")) is var status && status.GetProperty("kafka_status").GetString() == "UP"
                && status.GetProperty("kafka_consumer").GetString() == "UP" && status.GetProperty("reason").GetString() is null
                && status.GetProperty("paused_reason").GetString() is null && status.GetProperty("lag").GetInt64() < Rate * 10,
            _patience);
        var least = Usage.Of(service);
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30);)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            least = least.LeastOf(Usage.Of(service));
        }

        return least;
    }

    /// <summary>What a process uses.</summary>
    /// <param name="Threads">How many threads.</param>
    /// <param name="Descriptors">How many file descriptors.</param>
    /// <param name="Resident">Its resident memory, in bytes.</param>
    private sealed record Usage(int Threads, int Descriptors, long Resident)
    {
        public static Usage Of(ServiceProcess service) =>
            new(service.Threads().Count, Directory.GetFiles($"/proc/{service.Id}/fd").Length, service.ResidentBytes());

        public Usage LeastOf(Usage other) =>
            new(Math.Min(Threads, other.Threads), Math.Min(Descriptors, other.Descriptors), Math.Min(Resident, other.Resident));

        public override string ToString() => $"{Threads} threads, {Descriptors} descriptors, {Resident / (1 << 20)} MiB";
    }
}
