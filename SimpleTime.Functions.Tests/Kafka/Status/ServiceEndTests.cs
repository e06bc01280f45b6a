using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>The whole service with a Kafka that does not do its part, in a process of its own: what goes wrong here ends processes.</summary>
public sealed class ServiceEndTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(0.5)]
    [InlineData(3.5)]
    public async Task Without_a_broker_it_ends_in_order(double secondsAfterStart)
    {
        await using var service = await ServiceProcess.StartAsync(new Dictionary<string, string?> { ["KAFKA_BROKERS"] = "127.0.0.1:1" });

        // At different places of the questions that get no answer.
        await Task.Delay(TimeSpan.FromSeconds(secondsAfterStart));
        service.Terminate();

        Assert.Equal(0, await service.WaitForExitAsync(_deadline));
    }

    [Fact]
    public async Task A_group_that_may_not_be_used_and_a_broker_that_goes_away_do_not_end_it()
    {
        const string GroupAuthorizationFailed = "30";
        await using var broker = await BrokerProcess.StartAsync("simple-time-events", 2);
        await broker.CommandAsync($"errors 10 {string.Join(' ', Enumerable.Repeat(GroupAuthorizationFailed, 40))}");
        await using var service = await ServiceProcess.StartAsync(new Dictionary<string, string?> { ["KAFKA_BROKERS"] = broker.BootstrapServers });
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("Kafka is UP", StringComparison.Ordinal)), _deadline);

        await broker.DownAsync();
        await Eventually.BecomesTrueAsync(() => service.HasExited || service.Output.Any(line => line.Contains("Kafka is NOT UP", StringComparison.Ordinal)), _deadline);

        Assert.False(service.HasExited, string.Join(Environment.NewLine, service.Output.TakeLast(20)));
        Assert.Contains("NOT UP", await service.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
