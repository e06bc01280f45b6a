using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>The state of a topic, asked of a real broker.</summary>
public sealed class TopicMonitorTests : IDisposable
{
    // The contract's 10 s, and what a busy machine may take.
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(20);

    private readonly TestTopic _topic = new(2);
    private readonly TestClients _clients = new();
    private readonly TopicMonitor _monitor;

    public TopicMonitorTests() => _monitor = new(
        _topic.Brokers,
        TestTopic.Name,
        TestTopic.Group,
        onError => _clients.Factory.CreateObserver(_topic.Brokers, TestTopic.Group, onError),
        _clients.Loops,
        TimeProvider.System,
        _clients.Loggers.CreateLogger<TopicMonitor>());

    public void Dispose()
    {
        _monitor.Dispose();
        _topic.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public async Task It_turns_with_the_broker_within_ten_seconds_and_says_each_turn_once()
    {
        _monitor.Start();
        await Eventually.BecomesTrueAsync(() => _monitor.IsUp, _turn);
        await Eventually.EqualsAsync(0, () => _monitor.Lag!.Total, _turn);

        _topic.SetDown();
        await Eventually.BecomesTrueAsync(() => !_monitor.IsUp, _turn);
        Assert.Null(_monitor.Lag!.Total);
        Assert.Equal([0, 0], _monitor.Lag!.Last!.Partitions);

        _topic.SetUp();
        await Eventually.BecomesTrueAsync(() => _monitor.IsUp, _turn);

        await Eventually.EqualsAsync(2, () => _clients.Logs.Count("Kafka is UP"));
        Assert.Equal(
            [LogLevel.Information, LogLevel.Warning, LogLevel.Information],
            _clients.Logs.All.Where(line => line.Level >= LogLevel.Information).Select(line => line.Level));
    }

    [Fact]
    public async Task A_topic_without_any_leader_is_not_up()
    {
        _topic.Broker.SetPartitionLeader(TestTopic.Name, 0, -1);
        _topic.Broker.SetPartitionLeader(TestTopic.Name, 1, -1);
        _monitor.Start();
        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("Kafka is NOT UP"), _turn);
        Assert.False(_monitor.IsUp);

        _topic.Broker.SetPartitionLeader(TestTopic.Name, 1, 1);
        await Eventually.BecomesTrueAsync(() => _monitor.IsUp, _turn);
    }

    /// <summary>A client can lose all its brokers for good (https://github.com/confluentinc/librdkafka/issues/5301).</summary>
    [Fact]
    public async Task A_client_without_an_answer_is_followed_by_another()
    {
        var clients = 0;
        using var monitor = new TopicMonitor(
            _topic.Brokers,
            TestTopic.Name,
            TestTopic.Group,
            onError => _clients.Factory.CreateObserver(clients++ == 0 ? KafkaBrokers.Unreachable : _topic.Brokers, TestTopic.Group, onError),
            _clients.Loops,
            TimeProvider.System,
            _clients.Loggers.CreateLogger<TopicMonitor>());
        monitor.Start();

        await Eventually.BecomesTrueAsync(() => monitor.IsUp, TimeSpan.FromSeconds(40));
        await Eventually.EqualsAsync(0, () => monitor.Lag!.Total, _turn);
        Assert.Equal(2, clients);
    }

    [Fact]
    public async Task What_nobody_expected_is_told_and_it_asks_again()
    {
        var isBroken = true;
        using var monitor = new TopicMonitor(
            _topic.Brokers,
            TestTopic.Name,
            TestTopic.Group,
            onError => Volatile.Read(ref isBroken)
                ? throw new InvalidTimeZoneException("nobody expected this")
                : _clients.Factory.CreateObserver(_topic.Brokers, TestTopic.Group, onError),
            _clients.Loops,
            TimeProvider.System,
            _clients.Loggers.CreateLogger<TopicMonitor>());
        monitor.Start();
        await Eventually.EqualsAsync("nobody expected this", () => monitor.Loop?.Failure, _turn);
        Assert.False(monitor.IsUp);
        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("Kafka is NOT UP"), _turn);

        Volatile.Write(ref isBroken, false);
        await Eventually.BecomesTrueAsync(() => monitor.IsUp, _turn);
        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("The background loop kafka-status works again"), _turn);
        Assert.Null(monitor.Loop!.Failure);
    }

    [Fact]
    public async Task The_lag_is_what_the_group_has_not_committed_in_all_partitions()
    {
        await _topic.ProduceAsync(0, "a", "b", "c");
        await _topic.ProduceAsync(1, "d");
        _topic.Commit(0, 1);
        Assert.Null(_monitor.Lag!.Total);
        _monitor.Start();

        await Eventually.EqualsAsync(3, () => _monitor.Lag!.Total, _turn);

        _topic.Commit(0, 3);
        _topic.Commit(1, 1);
        await Eventually.EqualsAsync(0, () => _monitor.Lag!.Total, _turn);

        // As after a topic was made anew.
        _topic.Commit(0, 1_000);
        await Eventually.EqualsAsync(3, () => _monitor.Lag!.Total, _turn);
        Assert.Equal([3, 0], _monitor.Lag!.Lags!);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_told_once()
    {
        using var monitor = new TopicMonitor(
            "127.0.0.1:1",
            TestTopic.Name,
            null,
            onError => _clients.Factory.CreateObserver("127.0.0.1:1", "none", onError),
            _clients.Loops,
            TimeProvider.System,
            _clients.Loggers.CreateLogger<TopicMonitor>());
        monitor.Start();
        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("Kafka is NOT UP"), _turn);

        // At least one more question without an answer.
        await Task.Delay(TimeSpan.FromSeconds(5));

        Assert.False(monitor.IsUp);
        Assert.Null(monitor.Lag);
        Assert.Equal(LogLevel.Warning, Assert.Single(_clients.Logs.All, line => line.Level >= LogLevel.Information).Level);
    }
}
