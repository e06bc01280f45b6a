using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A cluster whose nodes are restarted one by one, as an upgrade does.</summary>
[Trait("Category", "Faults")]
public class KafkaRollingRestartTests : KafkaFaultTest
{
    protected override int Nodes => 3;

    [KafkaFact]
    public Task Nothing_is_lost_while_three_nodes_are_restarted_one_by_one() => NothingIsLostAsync(async load =>
    {
        foreach (var node in Cluster.Nodes)
        {
            await node.StopAsync();
            await LastsAsync(load, TimeSpan.FromSeconds(1));
            await node.StartAsync();
            await Cluster.Admin.IsInSyncAsync(Topic, Partitions);
        }
    });
}
