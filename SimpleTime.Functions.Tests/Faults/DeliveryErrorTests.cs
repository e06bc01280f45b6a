using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Errors that the broker answers the producer with: codes of https://kafka.apache.org/protocol#protocol_error_codes.</summary>
[Trait("Category", "Faults")]
public class DeliveryErrorTests : FaultTest
{
    private const int Produce = 0;

    [Fact]
    public async Task What_the_broker_refuses_for_now_is_stored_later()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        // LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS.
        await InjectAsync(load, 5, 6, 7, 19);

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.False(File.Exists(Rejected));
    }

    [Fact]
    public async Task What_the_broker_refuses_for_good_is_kept_aside_and_holds_up_nothing()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        // MESSAGE_TOO_LARGE. The broker answers late, so that the spool has copies by then.
        await Broker.CommandAsync("rtt 400");
        await InjectAsync(load, 10);
        await Broker.CommandAsync("rtt 0");

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await Eventually.EqualsAsync(0L, () => service.PendingAsync(), TimeSpan.FromSeconds(40));
        var rejected = File.ReadLines(Rejected).Count();
        Assert.InRange(rejected, 1, answered);
        await Eventually.EqualsAsync((answered * 2L) - rejected, EventsAsync, TimeSpan.FromSeconds(40));
        Assert.Equal(rejected, await service.MetricAsync("functions_kafka_output_rejected_total"));
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        await service.LogsOnceAsync("rejected.jsonl");
    }

    [Fact]
    public async Task A_producer_that_failed_for_good_is_replaced_and_its_events_are_stored()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        // OUT_OF_ORDER_SEQUENCE_NUMBER, which an idempotent producer cannot go on from.
        await InjectAsync(load, 45);
        await Eventually.BecomesTrueAsync(
            () => service.Output.Any(line => line.Contains("There is a new Kafka producer", StringComparison.Ordinal)), TimeSpan.FromSeconds(20));

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.False(File.Exists(Rejected));
    }

    private string Rejected => Path.Combine(Spool, "rejected.jsonl");

    private async Task InjectAsync(Load load, params int[] codes)
    {
        foreach (var code in codes)
        {
            var before = load.Answered;
            await Eventually.BecomesTrueAsync(() => load.Answered > before + (FaultScale.Rate / 2), TimeSpan.FromSeconds(30));
            await Broker.CommandAsync($"errors {Produce} {code}");
        }

        var last = load.Answered;
        await Eventually.BecomesTrueAsync(() => load.Answered > last + (FaultScale.Rate * 2), TimeSpan.FromSeconds(30));
    }
}
