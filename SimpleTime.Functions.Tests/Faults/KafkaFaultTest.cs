using SimpleTime.Functions.Tests.Support.Kafka;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A service and Apache Kafka, in place of the test broker.</summary>
public abstract class KafkaFaultTest : FaultTest
{
    private KafkaCluster? _cluster;

    /// <summary>How many nodes the cluster has, and each partition replicas.</summary>
    protected virtual int Nodes => 1;

    private protected virtual KafkaClusterOptions Options => new() { Nodes = Nodes };

    private protected KafkaCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public override async Task InitializeAsync()
    {
        _cluster = await KafkaCluster.StartAsync(Options);
        Brokers = _cluster.BootstrapServers;
        await _cluster.Admin.CreateTopicAsync(Topic, Partitions);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
