using System.Diagnostics.Metrics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka;

/// <summary>What the worker reports of Kafka as a whole.</summary>
public sealed class KafkaHostTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] _states = ["functions.kafka.up", "functions.kafka.producer.up", "functions.kafka.consumer.up"];

    private readonly TestTopic _topic = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_worker_without_kafka_functions_has_none()
    {
        await using var worker = await TestWorker.StartAsync(TestFunctions.Http("F"));

        Assert.Equal(new KafkaReport(false, KafkaClientState.Disabled, KafkaClientState.Disabled, "", "", "", 0, 0, null, null), worker.Kafka);
    }

    [Fact]
    public async Task The_report_says_where_and_how_it_stands()
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Kafka("Consume", _topic.Trigger()), TestFunctions.HttpWithEvents("Send", _topic.Output, () => null, () => null)],
            TestTopic.Settings());

        await Eventually.EqualsAsync(
            new KafkaReport(true, KafkaClientState.Up, KafkaClientState.Up, _topic.Brokers, TestTopic.Name, TestTopic.Group, 0, 0, null, null),
            () => worker.Kafka,
            _deadline);
    }

    [Fact]
    public async Task A_disabled_trigger_has_no_consumer_but_its_group_and_lag_are_told()
    {
        await _topic.ProduceAsync(0, "a", "b");
        var settings = TestTopic.Settings();
        settings["AzureWebJobs.Consume.Disabled"] = "true";
        await using var worker = await TestWorker.StartAsync([TestFunctions.Kafka("Consume", _topic.Trigger())], settings);

        await Eventually.EqualsAsync(2, () => worker.Kafka.Lag, _deadline);
        Assert.Equal((KafkaClientState.Disabled, TestTopic.Group), (worker.Kafka.Consumer, worker.Kafka.ConsumerGroup));
    }

    [Fact]
    public async Task The_states_are_measured_of_what_enabled_functions_use()
    {
        var settings = TestTopic.Settings();
        settings["AzureWebJobs.Consume.Disabled"] = "true";
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Kafka("Consume", _topic.Trigger()), TestFunctions.HttpWithEvents("Send", _topic.Output, () => null, () => null)], settings);
        using var metering = new Metering(worker.Services.GetRequiredService<IMeterFactory>());

        await Eventually.EqualsAsync("1 | 1 | ", Observe, _deadline);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, _deadline);

        _topic.SetDown();
        await Eventually.EqualsAsync("0 | 0 | ", Observe, _deadline);

        // Unknown, and told as it was.
        Assert.Null(worker.Kafka.Lag);
        Assert.Equal([0], metering.ObserveEach("functions.kafka.trigger.lag"));
        Assert.InRange(Assert.Single(metering.ObserveEach("functions.kafka.trigger.lag_age")), 2, 60);

        string Observe() => string.Join(" | ", _states.Select(instrument => string.Join(' ', metering.ObserveEach(instrument))));
    }

    [Theory]
    [InlineData("TopicMonitor.CheckTopic(", "kafka-status", KafkaClientState.NotUp, KafkaClientState.NotUp)]
    [InlineData("OutboxSender.Run(", "kafka-outbox-sender", KafkaClientState.NotUp, KafkaClientState.Up)]
    [InlineData("OffsetCommitter.CommitNext(", "kafka-commit-Consume", KafkaClientState.Up, KafkaClientState.NotUp)]
    public async Task A_loop_that_fails_with_what_nobody_expected_is_told_and_works_again(
        string method, string loop, KafkaClientState producer, KafkaClientState consumer)
    {
        var time = new FaultyTime();
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Kafka("Consume", _topic.Trigger()), TestFunctions.HttpWithEvents("Send", _topic.Output, () => null, () => null)],
            TestTopic.Settings(),
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        await Eventually.EqualsAsync((KafkaClientState.Up, KafkaClientState.Up, null), States, _deadline);

        time.FailIn(method);
        await _topic.ProduceAsync(0, "to be committed");
        var reason = consumer == KafkaClientState.Up ? null : $"The background loop {loop} fails: {FaultyTime.Message}";
        await Eventually.EqualsAsync((producer, consumer, reason), States, _deadline);
        await Eventually.EqualsAsync(1, () => worker.Logs.Count($"The background loop {loop} failed"), _deadline);
        Assert.Equal(LogLevel.Error, worker.Logs.All.Single(line => line.Text.Contains($"loop {loop} failed", StringComparison.Ordinal)).Level);

        time.FailIn(null);
        await Eventually.EqualsAsync((KafkaClientState.Up, KafkaClientState.Up, null), States, _deadline);
        await Eventually.EqualsAsync(1, () => worker.Logs.Count($"The background loop {loop} works again"), _deadline);

        (KafkaClientState Producer, KafkaClientState Consumer, string? Reason) States() =>
            (worker.Kafka.Producer, worker.Kafka.Consumer, worker.Kafka.PausedReason);
    }

    [Fact]
    public async Task Each_group_of_a_topic_is_told()
    {
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Kafka("A", new KafkaTriggerAttribute(_topic.Brokers, TestTopic.Name) { ConsumerGroup = "one" }),
                TestFunctions.Kafka("B", new KafkaTriggerAttribute(_topic.Brokers, TestTopic.Name) { ConsumerGroup = "two" }),
            ],
            TestTopic.Settings());

        Assert.Equal("one,two", worker.Kafka.ConsumerGroup);
    }

    [Fact]
    public async Task A_topic_that_is_only_written_does_not_hide_the_lag_of_another()
    {
        _topic.Broker.CreateTopic("written", 1);
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Kafka("Consume", _topic.Trigger()),
                TestFunctions.HttpWithEvents("Send", new KafkaOutputAttribute(_topic.Brokers, "written"), () => null, () => null),
            ],
            TestTopic.Settings());
        await Eventually.BecomesTrueAsync(() => worker.Kafka.IsUp, _deadline);

        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, TimeSpan.FromSeconds(20));
    }
}
