using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using SimpleTime.Functions.Worker.Kafka.Native;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>Another librdkafka where the system looks for one, as Debian's package librdkafka-dev brings.</summary>
public sealed class OtherLibrdkafkaTests
{
    [Fact]
    [Trait("Category", "Smoke")]
    public async Task The_service_uses_the_one_that_it_is_shipped_with()
    {
        using var folder = new TempFolder();
        LibrdkafkaLibrary.EnsureLoaded();
        File.Copy(LibrdkafkaLibrary.FindMappedPath(File.ReadLines("/proc/self/maps"))!, folder.Combine("librdkafka.so"));
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers, ("LD_LIBRARY_PATH", folder.Path)));

        await service.GetTimesAsync(5);
        await Eventually.EqualsAsync(5, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath));

        var mapped = LibrdkafkaLibrary.FindMappedPath(File.ReadLines($"/proc/{service.Id}/maps"));
        Assert.NotNull(mapped);
        Assert.NotEqual(folder.Combine("librdkafka.so"), mapped);
    }
}
