using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

public class TwoServicesTests
{
    [Fact]
    public async Task Two_services_share_the_partitions_and_one_takes_over_when_the_other_is_killed()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        using var folder = new TempFolder();
        // The mock cluster lets a rebalance wait for another session's time, which a real one does not: 10 s would be 20 s.
        var settings = ServiceCalls.Settings(
            broker.BootstrapServers,
            ("DB_PATH", folder.Combine("events.db")),
            ("AzureFunctionsJobHost__extensions__kafka__sessionTimeoutMs", "5000"));
        await using var first = await ServiceProcess.StartAsync(settings);
        await first.BecomesUpAsync();
        await Eventually.BecomesTrueAsync(() => HasPartitions(first));
        await using var second = await ServiceProcess.StartAsync(settings);
        await second.BecomesUpAsync();
        await Eventually.BecomesTrueAsync(() => HasPartitions(second), TimeSpan.FromSeconds(60));

        await first.GetTimesAsync(100);
        await second.GetTimesAsync(100);
        await Eventually.BecomesTrueAsync(async () => await StoredEvents.AnsweredRequestsAsync(first.DatabasePath) == 200);

        second.KillHard();
        await first.GetTimesAsync(100);
        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(first.DatabasePath) == 300, TimeSpan.FromSeconds(30));
        Assert.Equal(
            await StoredEvents.CountAsync(first.DatabasePath, "SELECT count(*) FROM http_requests"),
            await StoredEvents.RequestsAsync(first.DatabasePath));
        await Eventually.BecomesTrueAsync(
            async () => (await first.GetJsonAsync("/kafka/status")).GetProperty("lag") is { ValueKind: System.Text.Json.JsonValueKind.Number } lag
                && lag.GetInt64() == 0,
            TimeSpan.FromSeconds(15));
    }

    private static bool HasPartitions(ServiceProcess service) =>
        service.Output.Any(line => line.Contains("partitions were assigned to PersistEvents", StringComparison.Ordinal)
            && !line.Contains(" 0 partitions", StringComparison.Ordinal));
}
