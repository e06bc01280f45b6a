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
        Assert.False(Directory.Exists(Refused));
    }

    [Fact]
    public async Task What_a_batch_was_refused_for_is_sent_alone_and_stored()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        // MESSAGE_TOO_LARGE, INVALID_RECORD, INVALID_TIMESTAMP, POLICY_VIOLATION. The broker answers late, so that files have the messages by then.
        await Broker.CommandAsync("rtt 400");
        await InjectAsync(load, 10, 87, 32, 44);
        await Broker.CommandAsync("rtt 0");

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_rejected_total"));
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        Assert.True(await service.MetricAsync("functions_kafka_output_failed_total") > 0);
    }

    [Fact]
    public async Task What_the_topic_refuses_waits_and_is_stored_when_it_is_taken()
    {
        await using var service = await StartAsync();
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        // TOPIC_AUTHORIZATION_FAILED.
        await InjectAsync(load, 29);

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        Assert.Equal(0, await service.MetricAsync("functions_kafka_output_dropped_total"));
        await service.LogsOnceAsync("Kafka refused messages for the topic");
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
        Assert.False(Directory.Exists(Refused));
    }

    private string Refused => Path.Combine(Spool, "refused");

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
