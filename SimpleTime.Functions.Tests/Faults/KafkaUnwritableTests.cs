using System.Diagnostics;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Xunit.Abstractions;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Three brokers that go on naming leaders while some or all partitions take nothing: that, and its cause, is told.</summary>
[Trait("Category", "Faults")]
public class KafkaUnwritableTests(ThreeKafkaNodes nodes, ITestOutputHelper output) : KafkaClusterFaultTest(nodes), IClassFixture<ThreeKafkaNodes>
{
    // The contract's 10 s, and what a busy machine may take.
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private KafkaNode LastNode => Cluster.Nodes[2];

    [KafkaFact]
    public Task Too_few_replicas_in_sync_are_told() => IsToldAsync(
        async () =>
        {
            await Cluster.Admin.SetTopicAsync(Topic, "min.insync.replicas", "3");
            await LastNode.KillAsync();
        },
        LastNode.StartAsync,
        isUp: false,
        "12 have too few replicas in sync, perhaps fewer than min.insync.replicas: not those of broker 3");

    [KafkaFact]
    public Task Two_brokers_of_three_that_are_down_are_told() => IsToldAsync(
        () => Task.WhenAll(Cluster.Nodes.Skip(1).Select(node => node.KillAsync())),
        () => Task.WhenAll(Cluster.Nodes.Skip(1).Select(node => node.StartAsync())),
        isUp: false,
        $"broker 2 at {Cluster.Nodes[1].Address}, broker 3 at {LastNode.Address}: connection refused");

    [KafkaTheory]
    [InlineData("max.connections.per.ip.overrides", "it takes connections and closes them, as at its limit of connections")]
    [InlineData("listener.name.proxied.max.connections", "it takes connections and answers nothing, as one that hangs or is at its limit of connections")]
    public Task Brokers_at_their_limit_of_connections_are_told(string limit, string cause)
    {
        Brokers = Cluster.ProxiedBootstrapServers;
        return IsToldAsync(
            async () =>
            {
                // The connections that there are stay, so that the brokers still answer the question for their topic.
                await SetLimitAsync(1);
                foreach (var proxy in Cluster.Proxies)
                {
                    proxy.CloseProducers();
                }
            },
            () => SetLimitAsync(1_000),
            isUp: false,
            cause);

        Task SetLimitAsync(int connections) => Task.WhenAll(Cluster.Nodes.Select(node => Cluster.Admin.SetNodeAsync(
            node, limit, limit.EndsWith("overrides", StringComparison.Ordinal) ? $"{TcpProxy.Source}:{connections}" : $"{connections}")));
    }

    [KafkaFact]
    public async Task One_certificate_of_three_that_expired_is_told()
    {
        // The broker that the group depends on, too.
        var coordinator = await Cluster.Admin.CoordinatorAsync(Topic);
        var node = Cluster.Nodes[coordinator - 1];
        await Cluster.ChangeCertificateAsync(node, isExpired: true);
        await using var idle = await StartAsync(
            [.. Cluster.SecuritySettings(), ("EVENT_SPOOL_PATH", Spool + "-idle"), ("AzureWebJobs.PersistEvents.Disabled", "true")]);
        var coordinatorProblem = $"^The coordinator of the group {Topic} does not answer: broker {coordinator} at .*: its certificate expired on";
        await IsToldAsync(
            () => BecomesAsync(idle, "reason", coordinatorProblem),
            () => Cluster.ChangeCertificateAsync(node, isExpired: false),
            isUp: true,
            "its certificate expired on",
            coordinatorProblem,
            Cluster.SecuritySettings());
    }

    private async Task IsToldAsync(
        Func<Task> begin, Func<Task> end, bool isUp, string cause, string? paused = null, params (string Name, string? Value)[] settings)
    {
        await using var service = await StartAsync(settings);
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await using var probes = Load.Start(service, FaultScale.Rate / 4, "/healthz");
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate * 2, _patience);

        var since = Stopwatch.GetTimestamp();
        try
        {
            await begin();
            if (!isUp)
            {
                await Eventually.BecomesTrueAsync(async () => !await service.IsUpAsync(), _turn);
                output.WriteLine($"Kafka was NOT UP after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s.");
            }

            await BecomesAsync(service, "reason", $"^{(isUp ? "" : ".*: ")}[0-9]+ of {Partitions} partitions take nothing: .*{Regex.Escape(cause)}");
            output.WriteLine($"The cause was told after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s.");
            if (paused is not null)
            {
                await BecomesAsync(service, "paused_reason", paused);
            }

            Assert.Equal(isUp, await service.IsUpAsync());
            await service.LogsOnceAsync(cause);
            await LastsAsync(load, TimeSpan.FromSeconds(1));
        }
        finally
        {
            await end();
        }

        since = Stopwatch.GetTimestamp();
        await Eventually.BecomesTrueAsync(service.IsUpAsync, _patience);
        await BecomesAsync(service, "reason", null);
        await BecomesAsync(service, "paused_reason", null);
        output.WriteLine($"All was well {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s after the end of the fault.");
        var answered = await load.StopAsync();
        await probes.StopAsync();
        Assert.Equal(0, load.Refused + load.CutOff + probes.Refused + probes.CutOff);
        await AllAreStoredAsync(answered, _patience);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.Single(service.Output, line => line.Contains(cause, StringComparison.Ordinal));
        Assert.Equal(isUp ? 0 : 1, service.Output.Count(line => line.Contains("Kafka is NOT UP", StringComparison.Ordinal)));
    }

    private static Task<string?> BecomesAsync(ServiceProcess service, string name, string? pattern) => Eventually.MeetsAsync(
        async () => (await service.GetJsonAsync("/kafka/status")).GetProperty(name).GetString(),
        text => pattern is null ? text is null : Regex.IsMatch(text ?? "", pattern),
        _patience);
}
