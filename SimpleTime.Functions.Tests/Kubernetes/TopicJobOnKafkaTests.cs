using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The script that makes the topic, with Kafka's own tools on a broker that wants a certificate authority and a password.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class TopicJobOnKafkaTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Topic = "zprod.events";
    private const string Other = "zprod-events";

    private KafkaCluster? _cluster;

    private KafkaCluster Cluster => _cluster ?? throw new InvalidOperationException("Without Kafka the tests are skipped.");

    public async Task InitializeAsync()
    {
        if (KafkaInstallation.Problem is null)
        {
            _cluster = await KafkaCluster.StartAsync(
                new KafkaClusterOptions { HasTls = true, Users = new Dictionary<string, string> { ["amy"] = "a \"secret\" with a \\ in it" } });
        }
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [KafkaFact]
    public async Task It_brings_the_topic_to_its_settings_and_touches_none_with_a_similar_name()
    {
        await Cluster.Admin.CreateTopicAsync(Other, 2);

        await MakeAsync(partitions: 3, minInSyncReplicas: "");
        await Cluster.Admin.IsInSyncAsync(Topic, 3);
        Assert.Equal(new Dictionary<string, string> { ["retention.ms"] = "604800000" }, await Cluster.Admin.TopicSettingsAsync(Topic));

        await MakeAsync(partitions: 5, minInSyncReplicas: "1");
        await Cluster.Admin.IsInSyncAsync(Topic, 5);
        Assert.Equal("1", (await Cluster.Admin.TopicSettingsAsync(Topic))["min.insync.replicas"]);

        var (exitCode, output) = await RunAsync(partitions: 7, minInSyncReplicas: "2", replicas: 2);
        Assert.Equal(1, exitCode);
        Assert.Contains("has 1 replicas, not 2", output, StringComparison.Ordinal);
        await Cluster.Admin.IsInSyncAsync(Topic, 5);
        Assert.Equal("1", (await Cluster.Admin.TopicSettingsAsync(Topic))["min.insync.replicas"]);

        await Cluster.Admin.IsInSyncAsync(Other, 2);
        Assert.Empty(await Cluster.Admin.TopicSettingsAsync(Other));
    }

    private async Task MakeAsync(int partitions, string minInSyncReplicas)
    {
        var (exitCode, output) = await RunAsync(partitions, minInSyncReplicas, replicas: 1);
        Assert.True(exitCode == 0, output);
    }

    private Task<(int ExitCode, string Output)> RunAsync(int partitions, string minInSyncReplicas, int replicas) => TopicScript.RunAsync(
        KafkaInstallation.Tools,
        [
            .. Cluster.SecuritySettings("amy").Select(setting => KeyValuePair.Create(setting.Name, setting.Value!)),
            new("KAFKA_TOPIC_EVENTS", Topic),
            new("TOPIC_PARTITIONS", $"{partitions}"),
            new("TOPIC_REPLICATION_FACTOR", $"{replicas}"),
            new("TOPIC_MIN_INSYNC_REPLICAS", minInSyncReplicas),
            new("TOPIC_RETENTION_MS", "604800000"),
        ]);
}
