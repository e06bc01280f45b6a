using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>What is measured of a consumer.</summary>
public sealed class ConsumerTelemetryTests
{
    /// <summary>A clock that is wrong may show the very first moment, while durations go on.</summary>
    [Fact]
    public void A_poll_and_a_commit_that_began_before_the_clock_did_are_measured()
    {
        using var clients = new TestClients();
        var options = new ListenerOptions(
            "F", "nowhere:9092", "things", "readers", 10, TimeSpan.Zero, RetrySchedule.Of(null, clients.Settings),
            clients.Settings.AutoOffsetReset, TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(200), false);
        var time = new FirstMoment();
        var metrics = new TriggerMetrics(clients.Meters, time);
        using var metering = new Hosting.Metering(clients.Meters);
        var context = new ListenerContext(
            options, new ListenerState(), null!, null!, () => null, clients.Factory, clients.Watch, clients.Loops, metrics, _ => { }, time, clients.Loggers);
        var telemetry = new ConsumerTelemetry(context);

        telemetry.Polled(new RecordBatch(), 0);
        telemetry.Committed([], [], 0, null);

        Assert.Equal(2, metering.Of("messaging.client.operation.duration").Count());
    }

    private sealed class FirstMoment : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.MinValue;

        public override long GetTimestamp() => TimestampFrequency;
    }
}
