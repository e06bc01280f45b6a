using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>A broker that accepts connections and closes them, as with TLS on one side alone or a wrong password.</summary>
public class ClosingBrokerTests
{
    [Fact]
    public async Task It_gets_a_few_connections_a_second_and_is_used_soon_after_it_answers()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        await using var proxy = new TcpProxy(IPEndPoint.Parse(broker.BootstrapServers).Port);
        proxy.Close();
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings($"127.0.0.1:{proxy.Port}"));
        await Eventually.BecomesTrueAsync(() => proxy.Connections > 10);
        await service.GetTimesAsync(3);

        var since = Stopwatch.GetTimestamp();
        var before = proxy.Connections;
        await Eventually.BecomesTrueAsync(() => proxy.Connections >= before + 60, TimeSpan.FromMinutes(1));

        // 1.4 s where each client tries again after 100 ms.
        Assert.InRange(Stopwatch.GetElapsedTime(since).TotalSeconds, 5, 60);
        Assert.False(await service.IsUpAsync());

        proxy.Restore();
        await service.BecomesUpAsync();
        await Eventually.EqualsAsync(3, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath), TimeSpan.FromSeconds(30));
    }
}
