using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Kafka.Spool;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Output;
using SimpleTime.Functions.Worker.Kafka.Spool;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Output;

/// <summary>The producer, with a real client and broker.</summary>
public sealed class OutputProducerTests : IAsyncLifetime, IDisposable
{
    private const string Accepted = "functions.kafka.output.accepted";
    private const string Delivered = "functions.kafka.output.delivered";
    private const string Dropped = "functions.kafka.output.dropped";
    private const string Rejected = "functions.kafka.output.rejected";
    private const short ProduceKey = 0;
    private const short InitProducerIdKey = 22;
    private const int OutOfOrderSequence = 45;
    private const int ClusterAuthorizationFailed = 31;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private static readonly ClientWatchTimes _watchTimes =
        new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));

    private readonly TestTopic _topic = new(4);
    private readonly TestClients _clients = new();
    private readonly Metering _metering;
    private readonly OutputProducer _producer;

    public OutputProducerTests()
    {
        _metering = new Metering(_clients.Meters);
        var profile = ProducerProfile.Of(new KafkaOutputAttribute("", "") { MessageTimeoutMs = 60_000 }, _topic.Brokers);
        // Never started: what the client does not take is dropped.
        _producer = Producer(Spool("/nowhere"), profile);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _producer.DisposeAsync();

    public void Dispose()
    {
        _metering.Dispose();
        _topic.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public async Task Accepted_messages_are_delivered_and_the_numbers_add_up()
    {
        _producer.Start();

        Assert.All(Enumerable.Range(0, 2_000), i => Assert.True(_producer.TryAccept(TestTopic.Name, BitConverter.GetBytes(i), true)));

        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        Assert.Equal(0, _producer.Pending);
        Assert.Equal(2_000, await _topic.CountAsync());
        await Eventually.EqualsAsync((2_000, 2_000, 0), () => Sums());
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_and_counted_and_hurts_no_other()
    {
        _producer.Start();

        Assert.False(_producer.TryAccept(TestTopic.Name, new byte[1_100_000], true));
        Assert.False(_producer.TryAccept(TestTopic.Name, new byte[1_100_000], true));
        Assert.True(_producer.TryAccept(TestTopic.Name, [1], true));

        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        await Eventually.EqualsAsync((1, 1, 2), () => Sums());
        Assert.InRange(Errors().Count, 1, 2);
    }

    /// <summary>A client can lose all its brokers for good. Here it takes a broker that is down for that.</summary>
    [Fact]
    public async Task A_client_that_does_not_reach_Kafka_while_others_do_is_replaced_and_its_messages_are_sent_by_the_next()
    {
        using var watch = new ClientWatch(_ => TestTopic.Name, _clients.Loops, TimeProvider.System, _watchTimes);
        await using var spool = Spool("/nowhere");
        await using var producer = Producer(spool, _producer.Profile, watch);
        _topic.SetDown();
        producer.Start();
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(producer.TryAccept(TestTopic.Name, [1], true)));

        await watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("There is a new Kafka producer"), _deadline);
        await watch.StopAsync(CancellationToken.None);
        _topic.SetUp();

        Assert.Equal(0, await producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        await Eventually.EqualsAsync((10, 10, 0), () => Sums());
        Assert.InRange(await _topic.CountAsync(), 10, 20);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_what_it_took_is_delivered_when_the_broker_is_back()
    {
        _topic.SetDown();
        _producer.Start();

        var accepted = 0;
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 21_000; i++)
        {
            var since = Stopwatch.GetTimestamp();
            accepted += _producer.TryAccept(TestTopic.Name, [1, 2, 3], true) ? 1 : 0;
            var elapsed = Stopwatch.GetElapsedTime(since);
            slowest = elapsed > slowest ? elapsed : slowest;
        }

        // A blocking client would take as long as the message timeout; a busy machine may take a while all the same.
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(20_000, accepted);
        Assert.Equal(20_000, _producer.Pending);
        Assert.Equal((20_000, 0, 1_000), Sums());
        Assert.Single(Errors());
        Assert.Equal(20_000, await _producer.WaitForAcknowledgementsAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None));

        _topic.SetUp();
        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        await Eventually.EqualsAsync((20_000, 20_000, 1_000), () => Sums());

        // The broker itself keeps a batch twice whose acknowledgement was lost.
        Assert.InRange(await _topic.CountAsync(), 20_000, 40_000);
    }

    [Fact]
    public async Task What_is_unacknowledged_when_the_service_ends_is_counted_as_lost_once()
    {
        _topic.SetDown();
        _producer.Start();
        Assert.All(Enumerable.Range(0, 10), _ => _producer.TryAccept(TestTopic.Name, [1], true));

        await _producer.DisposeAsync();

        Assert.Equal(0, _producer.Pending);
        Assert.Equal((10, 0, 10), Sums());
        Assert.Contains("10 messages", Assert.Single(Errors()).Text, StringComparison.Ordinal);
        Assert.False(_producer.TryAccept(TestTopic.Name, [1], true));
    }

    /// <summary>A flush must not count as durable what neither Kafka nor the disk has.</summary>
    [Fact]
    public async Task A_copy_that_the_disk_does_not_take_is_none_and_is_made_again()
    {
        using var folder = new TempFolder();
        var disk = new FaultyDisk();
        await using var spool = Spool(folder.Path, disk);
        await using var producer = Producer(spool, _producer.Profile);
        spool.OnUncopied = producer.Uncopied;
        spool.Spool.Start();
        await Eventually.BecomesTrueAsync(() => spool.Spool.Folder is not null, _deadline);
        _topic.SetDown();
        producer.Start();
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(producer.TryAccept(TestTopic.Name, [1], true)));

        disk.FullAfterBytes = 0;
        producer.CopyStragglers(TimeSpan.Zero);
        await Eventually.BecomesTrueAsync(() => !spool.IsUsable && producer.CountUncopied(long.MaxValue) == 3, _deadline);

        disk.FullAfterBytes = null;
        await Eventually.BecomesTrueAsync(() => spool.IsUsable, _deadline);
        producer.CopyStragglers(TimeSpan.Zero);
        Assert.True(await spool.Spool.FlushAsync(_deadline));
        Assert.Equal((0, 3), (producer.CountUncopied(long.MaxValue), spool.Spool.Records));
        Assert.Equal(3, producer.Pending);
    }

    [Fact]
    public async Task What_a_client_gives_up_is_pending_until_the_spool_has_it()
    {
        const int Messages = 5_000;
        using var folder = new TempFolder();
        await using var spool = Spool(folder.Path, maxBytes: 16 << 20);
        await using var producer = Producer(spool, _producer.Profile);
        spool.Spool.Start();
        _topic.SetDown();
        producer.Start();
        Assert.All(Enumerable.Range(0, Messages), _ => Assert.True(producer.TryAccept(TestTopic.Name, [1], true)));

        var end = Task.Run(() => producer.DisposeAsync().AsTask());
        var least = long.MaxValue;
        while (!end.IsCompleted)
        {
            // In the direction that they go.
            var pending = producer.CountUncopied(long.MaxValue);
            least = Math.Min(least, pending + spool.Count);
        }

        await end;
        Assert.True(least >= Messages, $"Only {least} of {Messages} were anywhere.");
        Assert.Equal((0L, (long)Messages), (producer.CountUncopied(long.MaxValue), spool.Count));
    }

    /// <summary>An error that a client tells before it is known as the current one.</summary>
    [Fact]
    public async Task A_client_that_refuses_a_message_since_it_failed_for_good_is_replaced()
    {
        await using var client = new ProducerClient(_producer.Profile, _clients.Factory, _clients.Watch, TimeProvider.System, _clients.Throttled, _clients.Loggers.CreateLogger<OutputProducer>())
        {
            HasMessages = () => false,
            WaitForReports = _ => Task.CompletedTask,
            GiveUp = (_, _) => { },
        };
        client.Start();
        var first = client.Current!;

        client.Refused(first, new Error(ErrorCode.Local_QueueFull));
        Assert.Same(first, client.Current);

        client.Refused(first, new Error(ErrorCode.Local_Fatal, "It failed.", isFatal: true));
        await Eventually.BecomesTrueAsync(() => client.Current is { } current && current != first, _deadline);
        Assert.Equal(1, _clients.Logs.Count("failed for good"));
    }

    /// <summary>An outage longer than the client's patience, without a spool: its queue has room still.</summary>
    [Fact]
    public async Task A_message_that_timed_out_is_sent_again_where_there_is_no_spool()
    {
        var profile = ProducerProfile.Of(new KafkaOutputAttribute("", "") { MessageTimeoutMs = 1_000 }, _topic.Brokers);
        await using var spool = Spool("/nowhere");
        await using var producer = Producer(spool, profile);
        _topic.SetDown();
        producer.Start();
        Assert.True(producer.TryAccept(TestTopic.Name, [7], true));
        var accepted = PendingMessages.LastSequence;

        // Twice over.
        await Eventually.BecomesTrueAsync(() => _metering.Sum("functions.kafka.output.failed") >= 2, _deadline);
        await Eventually.EqualsAsync((1, 1L), () => (producer.Pending, producer.CountUncopied(accepted)));
        Assert.Equal((1, 0, 0), Sums());
    }

    [Fact]
    public async Task A_client_that_can_be_made_but_not_work_is_made_ever_less_often_and_told_once_a_minute()
    {
        _topic.Broker.PushRequestErrors(InitProducerIdKey, [.. Enumerable.Repeat(ClusterAuthorizationFailed, 3)]);
        _producer.Start();
        var since = Stopwatch.GetTimestamp();

        await Eventually.BecomesTrueAsync(() => _clients.Logs.Count("There is a new Kafka producer") == 3, _deadline);

        // 1, 2 and 4 seconds.
        Assert.True(Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(6.5));
        Assert.Equal(1, _clients.Logs.Count("failed for good"));
        Assert.True(_producer.TryAccept(TestTopic.Name, [1], true));
        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
    }

    [Fact]
    public async Task Passing_errors_of_the_broker_lose_nothing()
    {
        _topic.Broker.PushRequestErrors(ProduceKey, 6, 7, -195, 6);
        _producer.Start();

        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(_producer.TryAccept(TestTopic.Name, [1], true)));

        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        await Eventually.EqualsAsync((100, 100, 0), () => Sums());
        Assert.Empty(Errors());
    }

    [Theory]
    [InlineData(InitProducerIdKey, ClusterAuthorizationFailed)]
    [InlineData(ProduceKey, OutOfOrderSequence)]
    public async Task A_client_that_failed_for_good_is_replaced(short request, int error)
    {
        _topic.Broker.PushRequestErrors(request, error);
        _producer.Start();
        var accepted = _producer.TryAccept(TestTopic.Name, [1], true) ? 1 : 0;

        await Eventually.EqualsAsync(1, () => _clients.Logs.Count("failed for good"), _deadline);
        await Eventually.BecomesTrueAsync(() => _producer.HasClient && _clients.Logs.Count("There is a new Kafka producer") == 1, _deadline);

        Assert.True(_producer.TryAccept(TestTopic.Name, [2], true));
        _producer.SendWaiting();
        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        await Eventually.EqualsAsync(accepted + 1, () => _metering.Sum(Delivered) + _metering.Sum(Rejected));

        // The client fails its messages as not authorized, or fails first.
        Assert.Equal((accepted + 1, 1L - accepted), (_metering.Sum(Accepted), _metering.Sum(Dropped)));
        Assert.InRange(_metering.Sum(Rejected), 0, error == ClusterAuthorizationFailed ? 1 : 0);
    }

    [Fact]
    public async Task What_the_disk_did_not_take_waits_for_a_client_and_is_pending_for_whoever_flushes()
    {
        Assert.True(_producer.TryTakeBack(new SpoolEntry(1, 0, "", TestTopic.Name, new byte[] { 1 }, null)));
        _producer.SendWaiting();
        Assert.Equal((1, 1L), (_producer.Pending, _producer.CountUncopied(0)));

        _producer.Start();
        _producer.SendWaiting();
        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));
        Assert.Equal(1, await _topic.CountAsync());
    }

    [Fact]
    public async Task What_still_waits_when_the_service_ends_is_lost_and_counted_once()
    {
        Assert.True(_producer.TryTakeBack(new SpoolEntry(1, 0, "", TestTopic.Name, new byte[] { 1 }, null)));

        await _producer.DisposeAsync();

        Assert.Equal((0, 1L), (_producer.Pending, _metering.Sum(Dropped)));
        Assert.False(_producer.TryTakeBack(new SpoolEntry(1, 0, "", TestTopic.Name, new byte[] { 1 }, null)));
    }

    /// <summary>No spool and no client for a while: what was accepted waits for the next one.</summary>
    [Fact]
    public async Task What_a_failed_client_had_waits_for_the_next_one_where_there_is_no_spool()
    {
        _producer.Start();
        Assert.True(_producer.TryAccept(TestTopic.Name, [1], true));
        Assert.Equal(0, await _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None));

        _topic.Broker.PushRequestErrors(ProduceKey, OutOfOrderSequence);
        var accepted = 1 + Enumerable.Range(0, 1_000).Count(_ => _producer.TryAccept(TestTopic.Name, [2], true));
        await Eventually.BecomesTrueAsync(() => _producer.HasClient && _clients.Logs.Count("There is a new Kafka producer") == 1, _deadline);

        // Whoever waits for them waits for those that are sent in their place.
        var acknowledged = _producer.WaitForAcknowledgementsAsync(_deadline, CancellationToken.None);
        _producer.SendWaiting();
        Assert.Equal(0, await acknowledged);
        Assert.Equal(0, _producer.Pending);
        await Eventually.EqualsAsync((accepted, accepted, 1_001 - accepted), () => Sums());
        Assert.InRange(await _topic.CountAsync(), accepted, 2 * accepted);
    }

    [Fact]
    public void A_thousand_drops_in_a_minute_are_told_as_one_and_when_it_is_over_as_the_rest()
    {
        var time = new FakeTimeProvider();
        var spool = new OutputSpool(
            new SpoolOptions("/nowhere", 1 << 20), new OutputMetrics(_clients.Meters), time, new ThrottledLog(time), _clients.Loggers);
        for (var i = 0; i < 1_000; i++)
        {
            spool.Dropped("the spool is full", 1);
        }

        Assert.StartsWith("1 messages for Kafka were dropped", Assert.Single(Errors()).Text, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("999 messages for Kafka were dropped", Assert.Single(Errors().Skip(1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_client_messages_are_refused_and_counted()
    {
        Assert.False(_producer.HasClient);
        Assert.False(_producer.TryAccept(TestTopic.Name, [1], true));
        Assert.Equal((0, 0, 1), Sums());
    }

    private OutputSpool Spool(string path, ISpoolDisk? disk = null, long maxBytes = 1 << 20) =>
        new(new SpoolOptions(path, maxBytes), new OutputMetrics(_clients.Meters), TimeProvider.System, _clients.Throttled, _clients.Loggers, disk);

    private OutputProducer Producer(OutputSpool spool, ProducerProfile profile, ClientWatch? watch = null) => new(
        profile, _clients.Factory, watch ?? _clients.Watch, spool, new OutputMetrics(_clients.Meters), TimeProvider.System, _clients.Throttled,
        _clients.Loggers.CreateLogger<OutputProducer>());

    private (long Accepted, long Delivered, long Failed) Sums() => (_metering.Sum(Accepted), _metering.Sum(Delivered), _metering.Sum(Dropped) + _metering.Sum(Rejected));

    private List<LogLines.LogLine> Errors() => [.. _clients.Logs.All.Where(line => line.Level >= LogLevel.Error)];
}
