using SimpleTime.Functions.Tests.Support.Kafka;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A service and three nodes of Apache Kafka that the tests of a class share.</summary>
public abstract class KafkaClusterFaultTest(ThreeKafkaNodes nodes) : FaultTest
{
    private protected KafkaCluster Cluster => nodes.Cluster;

    public override async Task InitializeAsync()
    {
        Brokers = Cluster.BootstrapServers;
        Topic = $"simple-time-faults-{Guid.NewGuid():N}";
        await Cluster.Admin.CreateTopicAsync(Topic, Partitions);
    }

    /// <summary>Ends what a failed test may have left behind.</summary>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Task.WhenAll(Cluster.Nodes.Where(node => !node.IsRunning).Select(node => node.StartAsync()));
        foreach (var proxy in Cluster.Proxies)
        {
            proxy.Restore();
        }
    }
}
