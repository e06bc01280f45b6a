using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A broker that ends and comes back with what it had, as the test broker cannot.</summary>
[Trait("Category", "Faults")]
public class KafkaRestartTests : KafkaFaultTest
{
    [KafkaTheory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Nothing_is_lost_while_the_broker_is_stopped_or_killed_and_started_again(bool isKilled) => NothingIsLostAsync(async load =>
    {
        await (isKilled ? Cluster.Node.KillAsync() : Cluster.Node.StopAsync());
        await LastsAsync(load, FaultScale.Outage / 2);
        await Cluster.Node.StartAsync();
    });
}
