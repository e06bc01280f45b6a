using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>A service that has nothing to do, or is not let do anything.</summary>
public sealed class IdleTests
{
    // More than twice the interval of the watch of the clients.
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(22);
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task While_all_is_well_it_makes_no_clients_and_no_threads()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(5);
        await Eventually.BecomesTrueAsync(() => IsDoneAsync(service), _deadline);
        var before = service.Threads();
        Assert.Contains(before.Values, name => name.StartsWith("rdk:", StringComparison.Ordinal));

        var made = new Dictionary<string, string>();
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < _idle)
        {
            foreach (var (id, name) in service.Threads().Where(thread => !before.ContainsKey(thread.Key)))
            {
                made[id] = name;
            }

            await Task.Delay(10);
        }

        // What the thread pool makes and ends is its own affair.
        Assert.DoesNotContain(made.Values, name => !name.StartsWith(".NET TP", StringComparison.Ordinal));
    }

    /// <summary>SIGSTOP and SIGCONT, as of a paused container.</summary>
    [Fact]
    public async Task Suspended_for_longer_than_a_consumer_may_be_silent_it_goes_on()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            broker.BootstrapServers,
            ("AzureFunctionsJobHost__extensions__kafka__sessionTimeoutMs", "1000"),
            ("AzureFunctionsJobHost__extensions__kafka__maxPollIntervalMs", "1000")));
        await service.BecomesUpAsync();
        for (var i = 0; i < 3; i++)
        {
            await Eventually.BecomesTrueAsync(() => IsDoneAsync(service), _deadline);

            service.Freeze();
            await Task.Delay(TimeSpan.FromSeconds(4));
            service.Thaw();

            await service.GetTimesAsync(1);
        }

        await Eventually.BecomesTrueAsync(() => IsDoneAsync(service), _deadline);
        Assert.False(service.HasExited, string.Join(Environment.NewLine, service.Output.TakeLast(20)));
    }

    private static async Task<bool> IsDoneAsync(ServiceProcess service)
    {
        var status = await service.GetJsonAsync("/kafka/status");
        return status.GetProperty("kafka_consumer").GetString() == "UP"
            && status.GetProperty("pending").GetInt64() == 0
            && status.GetProperty("lag").ToString() == "0";
    }
}
