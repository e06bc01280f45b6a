using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Connections that hold what the process has too little of: descriptors, threads.</summary>
[Trait("Category", "Faults")]
public class ConnectionFloodTests : FaultTest
{
    private const string HalfOfTheHeaders = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Half";

    // The sockets of this process's embedded brokers are inherited, some hundred in a run of all tests, and count against the limit.
    private const string CloseInherited =
        """for fd in /proc/self/fd/*; do n=${fd##*/}; [ "$n" -le 2 ] || eval "exec $n>&-"; done; exec "$@" """;

    // More answers than the buffers between the two take.
    private static readonly string _unread = string.Concat(Enumerable.Repeat("GET /Large HTTP/1.1\r\nHost: localhost\r\n\r\n", 20));

    // Longer than the clients' watching needed to end the process.
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(12);

    // Of a probe of Kubernetes; the longest takes what other processes of a busy machine make it take.
    private static readonly TimeSpan _probeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    [PrlimitTheory]
    [InlineData("up", 1100, "")]
    [InlineData("up", 1500, HalfOfTheHeaders)]
    [InlineData("up", 900, "unread")]
    [InlineData("away", 1100, "")]
    [InlineData("away", 1500, HalfOfTheHeaders)]
    [InlineData("away", 900, "unread")]
    public async Task Probes_are_answered_with_1024_descriptors_and_more_connections_while_Kafka_is(string state, int count, string text)
    {
        await using var service = await ServiceProcess.StartUnderAsync(
            ["bash", "-c", CloseInherited, "bash", "prlimit", "--nofile=1024"], Settings(("DB_PATH", Database)), text == "unread" ? ServiceWithMore.FileName : null);
        await service.BecomesUpAsync();
        await KafkaIsAsync(state);
        using var connections = new HeldConnections(service.Client.BaseAddress!.Port);
        var answered = 0;
        for (var i = 0; i < count; i++)
        {
            switch (text)
            {
                case "":
                    await connections.OpenAndGetAsync();
                    answered++;
                    break;
                case "unread":
                    await connections.OpenAsync(_unread, receiveBuffer: 4096);
                    break;
                default:
                    await connections.OpenAsync(text);
                    break;
            }

            if (i % 100 == 0)
            {
                await ProbeAsync(service);
            }
        }

        await ProbesAreAnsweredAsync(service);
        Assert.InRange(Directory.GetFiles($"/proc/{service.Id}/fd").Length, 600, 1000);
        await service.LogsOnceAsync("The limit of 724 connections (MAX_CONNECTIONS) is reached");
        Assert.True(await service.MetricAsync("functions_http_connections_closed_total") >= count - 724);
        if (state == "up" && text == "")
        {
            await Eventually.MeetsAsync(() => StoredEvents.AnsweredRequestsAsync(Database), stored => stored >= answered, TimeSpan.FromSeconds(40));
        }
    }

    /// <summary>
    /// .NET ends a process whose thread pool cannot start a worker, so that the pool is bounded, and there is room for the workers that it may still
    /// start and for two Kafka clients that are made anew (each a main thread and one for each broker and bootstrap address), and for nothing else.
    /// </summary>
    [PidsLimitTheory]
    [InlineData("up")]
    [InlineData("away")]
    public async Task Probes_are_answered_with_room_for_14_more_threads_and_900_more_connections_while_Kafka_is(string state)
    {
        const int Workers = 6;
        const int MoreThreads = 14;
        using var threads = PidsLimit.TryCreate()!;
        await using (var service = await ServiceProcess.StartUnderAsync(
            threads.Command, Settings(("DB_PATH", Database), ("DOTNET_ThreadPool_ForceMaxWorkerThreads", $"{Workers:x}"))))
        {
            await service.BecomesUpAsync();
            await service.GetTimesAsync(100);
            threads.Set(threads.Current + MoreThreads);
            await KafkaIsAsync(state);
            using var connections = new HeldConnections(service.Client.BaseAddress!.Port);
            for (var i = 0; i < 900; i++)
            {
                await connections.OpenAndGetAsync();
            }

            await ProbesAreAnsweredAsync(service);
            Assert.Equal(0, threads.Refused);

            // Its end takes threads of .NET's.
            threads.Set(PidsLimit.None);
        }
    }

    private static async Task ProbesAreAnsweredAsync(ServiceProcess service)
    {
        var since = Stopwatch.GetTimestamp();
        List<TimeSpan> times = [];
        // The best quarter, since whatever else the machine does only adds to them; for longer where that is much.
        while (Stopwatch.GetElapsedTime(since) < _duration || (BestQuarter() > _probeTimeout && Stopwatch.GetElapsedTime(since) < 4 * _duration))
        {
            times.Add(await ProbeAsync(service));
            await Task.Delay(100);
        }

        Assert.False(service.HasExited);
        Assert.InRange(BestQuarter(), TimeSpan.Zero, _probeTimeout);

        TimeSpan BestQuarter() => times.Order().ElementAt(times.Count / 4);
    }

    /// <summary>Asks as a kubelet does, with a connection of its own.</summary>
    /// <returns>How long it took.</returns>
    private static async Task<TimeSpan> ProbeAsync(ServiceProcess service)
    {
        var since = Stopwatch.GetTimestamp();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service.Client.BaseAddress, Timeout = _longest };
        foreach (var path in (string[])["/healthz", "/"])
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        return Stopwatch.GetElapsedTime(since);
    }

    private Task KafkaIsAsync(string state) => state == "away" ? Broker.DownAsync() : Task.CompletedTask;
}
