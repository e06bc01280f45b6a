using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>Three nodes for all tests of a class, which take topics of their own and leave the nodes as they found them.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class ThreeKafkaNodes : IAsyncLifetime
#pragma warning restore CA1001
{
    private KafkaCluster? _cluster;

    internal KafkaCluster Cluster => _cluster ?? throw new InvalidOperationException("Without Kafka the tests are skipped.");

    public async Task InitializeAsync()
    {
        if (KafkaInstallation.Problem is null)
        {
            _cluster = await KafkaCluster.StartAsync(new() { Nodes = 3, HasProxies = true, HasTls = true });
        }
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
