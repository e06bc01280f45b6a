using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>A broker that takes connections and answers nothing.</summary>
public sealed class FrozenBrokerTests
{
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task It_turns_within_ten_seconds_too()
    {
        await using var broker = await BrokerProcess.StartAsync("things", 1);
        using var clients = new TestClients();
        using var monitor = new TopicMonitor(
            broker.BootstrapServers,
            "things",
            "readers",
            onError => clients.Factory.CreateObserver(broker.BootstrapServers, "readers", onError),
            clients.Loops,
            TimeProvider.System,
            clients.Loggers.CreateLogger<TopicMonitor>());
        monitor.Start();
        await Eventually.BecomesTrueAsync(() => monitor.IsUp, _turn);

        broker.Freeze();
        await Eventually.BecomesTrueAsync(() => !monitor.IsUp, _turn);

        broker.Thaw();
        await Eventually.BecomesTrueAsync(() => monitor.IsUp, _turn);
    }
}
