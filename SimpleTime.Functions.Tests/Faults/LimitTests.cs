using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Xunit.Abstractions;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class LimitTests : FaultTest
{
    private const int Calls = 1_500;

    private readonly ITestOutputHelper _output;

    public LimitTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public async Task What_the_queue_does_not_take_is_spooled_while_Kafka_is_up()
    {
        await using var service = await StartAsync(("AzureFunctionsJobHost__extensions__kafka__librdkafka__queue.buffering.max.messages", "50"));
        await service.BecomesUpAsync();
        await Broker.CommandAsync("rtt 500");
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate * 3, TimeSpan.FromSeconds(30));
        Assert.True(await service.IsUpAsync());
        await Broker.CommandAsync("rtt 0");

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
    }

    [Fact]
    public async Task What_is_answered_with_200_is_stored_and_what_nothing_takes_is_answered_with_503()
    {
        await using var service = await StartAsync(
            ("EVENT_SPOOL_PATH", "/dev/null/spool"),
            ("AzureFunctionsJobHost__extensions__kafka__librdkafka__queue.buffering.max.messages", "200"));
        await service.BecomesUpAsync();
        await Broker.CommandAsync("rtt 1500");

        // A thousand wait at the most, and half a queue is on its way.
        var calls = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => service.PublishAsync($$"""{"event_type":"limit","data":{"n":{{i}} } }""")));

        await Broker.CommandAsync("rtt 0");
        var accepted = calls.Count(call => call.Status == HttpStatusCode.OK);
        Assert.InRange(accepted, 1_000, Calls - 1);
        Assert.All(calls.Where(call => call.Status != HttpStatusCode.OK), call =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, call.Status);
            Assert.Contains("not accepted", call.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        });
        await Eventually.EqualsAsync(
            (long)accepted, () => StoredEvents.CountAsync(Database, "SELECT count(*) FROM custom_events"), TimeSpan.FromSeconds(40));
        Assert.Equal(Calls - accepted, await service.MetricAsync("functions_kafka_output_dropped_total"));
    }

    [Fact]
    public async Task A_full_spool_drops_the_newest_and_counts_them()
    {
        await Broker.DownAsync();
        await using var service = await StartAsync(("EVENT_SPOOL_MAX_BYTES", "1048576"));
        await using var load = Load.Start(service, FaultScale.Rate * 5);
        await Eventually.BecomesTrueAsync(
            async () => await service.MetricAsync("functions_kafka_output_dropped_total") > 200, TimeSpan.FromSeconds(60));
        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        // What /metrics answers may be some moments old.
        var dropped = 0L;
        await Eventually.EqualsAsync(2L * answered, async () =>
        {
            dropped = await service.MetricAsync("functions_kafka_output_dropped_total");
            return dropped + await service.MetricAsync("functions_kafka_output_accepted_total");
        });
        Assert.InRange(await service.MetricAsync("functions_kafka_output_spool_size_bytes"), 1, 1_048_576);
        await service.LogsOnceAsync("messages for Kafka were dropped");

        await Broker.UpAsync();
        await Eventually.EqualsAsync((2L * answered) - dropped, EventsAsync, TimeSpan.FromSeconds(40));
    }

    [Fact]
    [Trait("Category", "Memory")]
    public async Task Memory_stays_bounded_while_Kafka_is_away()
    {
        await Broker.DownAsync();
        await using var service = await StartAsync();
        await using var load = Load.Start(service, 2_000);
        var highest = 0L;
        var wanted = FaultScale.MemoryLoad.TotalSeconds * 500;
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < FaultScale.MemoryLoad || (load.Answered < wanted && Stopwatch.GetElapsedTime(since) < FaultScale.MemoryLoad * 6))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            highest = Math.Max(highest, service.ResidentBytes());
        }

        var answered = await load.StopAsync();
        Assert.True(answered >= wanted, $"The load was {answered} requests.");
        _output.WriteLine($"{highest / 1_000_000} MB at {answered / Stopwatch.GetElapsedTime(since).TotalSeconds:0} requests a second.");
        Assert.InRange(highest, 1, 150_000_000);
    }
}
