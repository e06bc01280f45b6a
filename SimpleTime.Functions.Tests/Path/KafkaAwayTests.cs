using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

public class KafkaAwayTests
{
    private const string Nobody = "127.0.0.1:1";

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task Without_a_broker_requests_are_answered_fast_and_the_log_stays_short()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(Nobody));
        Assert.Equal("Hello, Kafka is NOT UP", (await service.GetJsonAsync("/")).GetProperty("message").GetString());
        // The best of some, since whatever else the machine does only adds to them.
        var slow = await PercentileAsync(service);
        for (var again = 0; again < 3 && slow > 50; again++)
        {
            slow = await PercentileAsync(service);
        }

        Assert.InRange(slow, 0, 50);
        var status = await service.Client.GetAsync(new Uri("/kafka/status", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.PublishAsync("{}")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.PostAsync("/kafka/flush", [])).Status);

        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("Kafka is NOT UP", StringComparison.Ordinal)));
        var started2 = service.Output.ToList().FindIndex(line => line.Contains("Application started", StringComparison.Ordinal));
        Assert.InRange(service.Output.Skip(started2).Count(line => line.StartsWith("20", StringComparison.Ordinal)), 1, 8);

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task The_first_answer_does_not_wait_for_a_broker()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        List<TimeSpan> with = [];
        List<TimeSpan> without = [];
        do
        {
            with.Add(await FirstAnswerAsync(broker.BootstrapServers));
            without.Add(await FirstAnswerAsync(Nobody));
        }
        while (without.Count < 6 && (without.Count < 2 || without.Min() >= 1.5 * with.Min()));

        // The best of each, since whatever else the machine does only adds to them.
        Assert.True(without.Min() < 1.5 * with.Min(), $"{without.Min()} without a broker, {with.Min()} with one.");
    }

    [Fact]
    public async Task The_status_follows_a_broker_that_comes_goes_and_hangs()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        await broker.DownAsync();
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers));
        Assert.False(await service.IsUpAsync());

        await broker.UpAsync();
        await service.BecomesUpAsync();
        await broker.DownAsync();
        await service.BecomesNotUpAsync();
        await broker.UpAsync();
        await service.BecomesUpAsync();
        broker.Freeze();
        await service.BecomesNotUpAsync();
        broker.Thaw();
        await service.BecomesUpAsync();

        await Eventually.EqualsAsync(3, () => service.Output.Count(line => line.Contains("Kafka is UP", StringComparison.Ordinal)));
        Assert.InRange(service.Output.Count(line => line.Contains("Kafka is NOT UP", StringComparison.Ordinal)), 2, 3);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("frozen")]
    public async Task SIGTERM_ends_the_service_in_time_while_Kafka_is(string state)
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(10);
        if (state == "down")
        {
            await broker.DownAsync();
        }
        else
        {
            broker.Freeze();
        }

        await service.GetTimesAsync(10);
        service.Terminate();

        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(20)));
    }

    /// <summary>The 99th percentile of 500 requests, in milliseconds.</summary>
    private static async Task<double> PercentileAsync(ServiceProcess service)
    {
        var times = new List<double>();
        for (var i = 0; i < 500; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await service.GetTimesAsync(1);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return times[494];
    }

    private static async Task<TimeSpan> FirstAnswerAsync(string brokers)
    {
        var started = Stopwatch.GetTimestamp();
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(brokers));
        await service.GetTimesAsync(1);
        return Stopwatch.GetElapsedTime(started);
    }
}
