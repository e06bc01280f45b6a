using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>
/// One plain node for all tests of the collection <see cref="Name"/>, which take topics and groups of their own and leave it running.
/// </summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class SharedKafka : IAsyncLifetime, ICollectionFixture<SharedKafka>
#pragma warning restore CA1001
{
    public const string Name = "Kafka";

    private KafkaCluster? _cluster;

    internal KafkaCluster Cluster => _cluster ?? throw new InvalidOperationException("Without Kafka the tests are skipped.");

    public async Task InitializeAsync()
    {
        if (KafkaInstallation.Problem is null)
        {
            _cluster = await KafkaCluster.StartAsync();
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
