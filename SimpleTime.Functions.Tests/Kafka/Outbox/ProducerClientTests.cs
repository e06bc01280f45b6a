using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>A producing client and its successors, with a real client and broker, and what becomes of the messages that one had.</summary>
public sealed class ProducerClientTests : IAsyncLifetime, IDisposable
{
    private const short ProduceKey = 0;
    private const short InitProducerIdKey = 22;
    private const int OutOfOrderSequence = 45;
    private const int ClusterAuthorizationFailed = 31;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private static readonly ClientWatchTimes _watchTimes =
        new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));

    private readonly TestTopic _topic = new(4);
    private readonly TempFolder _folder = new();
    private readonly TestClients _clients = new();
    private readonly ClientWatch _watch;
    private readonly ProducerClient _client;
    private readonly ConcurrentQueue<Error> _reports = new();
    private int _ends;

    public ProducerClientTests()
    {
        _watch = new ClientWatch(_ => TestTopic.Name, _clients.Loops, TimeProvider.System, _watchTimes);
        _client = new ProducerClient(
            ProducerProfile.Of(new KafkaOutputAttribute("", "") { MessageTimeoutMs = 60_000 }, _topic.Brokers),
            _clients.Factory, _watch, _ => Interlocked.Increment(ref _ends), TimeProvider.System, _clients.Throttled, _clients.Loggers.CreateLogger<ProducerClient>());
    }

    private int Replaced => _clients.Logs.Count("There is a new Kafka producer");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _client.DisposeAsync();

    public void Dispose()
    {
        _watch.Dispose();
        _topic.Dispose();
        _clients.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Messages_are_delivered_to_their_partitions_and_reported()
    {
        _client.Start();

        for (var i = 0; i < 100; i++)
        {
            Assert.Null(Send(i % 4));
        }

        await Eventually.EqualsAsync(100, () => _reports.Count, _deadline);
        Assert.All(_reports, error => Assert.Equal(ErrorCode.NoError, error.Code));
        Assert.Equal(100, await _topic.CountAsync());
        Assert.Equal(0, _ends);
    }

    [Theory]
    [InlineData(InitProducerIdKey, ClusterAuthorizationFailed)]
    [InlineData(ProduceKey, OutOfOrderSequence)]
    public async Task One_that_failed_for_good_is_replaced_and_its_end_told_once(short request, int error)
    {
        _topic.Broker.PushRequestErrors(request, error);
        _client.Start();
        Send(0);

        await Eventually.EqualsAsync((1, 1, true), () => (Replaced, Volatile.Read(ref _ends), _client.IsUsable), _deadline);

        Assert.Equal(1, _clients.Logs.Count("failed for good"));
        _reports.Clear();
        Assert.Null(Send(0));
        await Eventually.BecomesTrueAsync(() => _reports.Any(report => !report.IsError), _deadline);
    }

    [Fact]
    public async Task One_that_can_be_made_but_not_work_is_made_ever_less_often_and_told_once_a_minute()
    {
        _topic.Broker.PushRequestErrors(InitProducerIdKey, [.. Enumerable.Repeat(ClusterAuthorizationFailed, 3)]);
        _client.Start();
        var since = Stopwatch.GetTimestamp();

        await Eventually.EqualsAsync(3, () => Replaced, _deadline);

        // 1, 2 and 4 seconds, and one before each.
        Assert.True(Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(9.5));
        Assert.Equal(1, _clients.Logs.Count("failed for good"));
        Assert.Null(Send(0));
        await Eventually.BecomesTrueAsync(() => _reports.Any(report => !report.IsError), _deadline);
    }

    /// <summary>A client can lose all its brokers for good. Here it takes a broker that is down for that.</summary>
    [Fact]
    public async Task One_that_does_not_reach_Kafka_while_others_do_is_replaced()
    {
        _topic.SetDown();
        _client.Start();
        Assert.Null(Send(0));

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync((1, 1), () => (Replaced, Volatile.Read(ref _ends)), _deadline);
        await _watch.StopAsync(CancellationToken.None);

        _topic.SetUp();
        Assert.Null(Send(0));
        await Eventually.BecomesTrueAsync(() => _reports.Any(report => !report.IsError), _deadline);
    }

    /// <summary>There is no cause to ask it.</summary>
    [Fact]
    public async Task One_whose_messages_were_acknowledged_is_left_alone()
    {
        _client.Start();
        Assert.Null(Send(0));
        await Eventually.EqualsAsync(1, () => _reports.Count, _deadline);
        _client.Worked();
        _topic.SetDown();
        await _watch.StartAsync(CancellationToken.None);
        var lost = new ProducerClient(
            ProducerProfile.Of(new KafkaOutputAttribute("", ""), KafkaBrokers.Unreachable), _clients.Factory, _watch, _ => { }, TimeProvider.System,
            _clients.Throttled, _clients.Loggers.CreateLogger<ProducerClient>());
        await using (lost)
        {
            lost.Start();
            lost.TrySend(TestTopic.Name, 0, [1], null, _ => { });

            // Asked after the other one.
            await Eventually.EqualsAsync(1, () => Replaced, _deadline);
        }

        Assert.Equal(0, _ends);
    }

    [Fact]
    public void Before_the_start_it_takes_nothing()
    {
        Assert.False(_client.IsUsable);
        Assert.True(Send(0)!.IsError);
        Assert.Empty(_reports);
    }

    [Fact]
    public void A_message_that_is_too_large_is_refused_and_hurts_no_other()
    {
        _client.Start();

        Assert.Equal(ErrorCode.MsgSizeTooLarge, Send(0, 1_100_000)!.Code);
        Assert.Null(Send(0));
    }

    [Fact]
    public void A_full_queue_refuses_at_once()
    {
        _topic.SetDown();
        _client.Start();
        var taken = 0;
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 21_000; i++)
        {
            var since = Stopwatch.GetTimestamp();
            taken += Send(i % 4) is null ? 1 : 0;
            slowest = Max(slowest, Stopwatch.GetElapsedTime(since));
        }

        // A client that blocks would take as long as the message's time-out; a busy machine may take a while all the same.
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(20_000, taken);

        static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
    }

    [Fact]
    public async Task The_end_is_told_once_and_nothing_is_reported_or_taken_after_it()
    {
        _topic.SetDown();
        _client.Start();
        Send(0);
        await _client.DisposeAsync();
        await _client.DisposeAsync();

        Assert.Equal((1, false), (_ends, _client.IsUsable));
        Assert.True(Send(0)!.IsError);
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task What_a_failed_client_had_is_sent_by_the_next_one_and_counted_once()
    {
        await using var outbox = await StartUpAsync();
        outbox.Accept(TestTopic.Name, 0, 1);
        await outbox.IsSentAsync();

        _topic.Broker.PushRequestErrors(ProduceKey, OutOfOrderSequence);
        outbox.Accept(TestTopic.Name, 1, 1_000);
        await outbox.IsSentAsync();

        Assert.Equal(1, outbox.Log.Count("There is a new Kafka producer"));
        await AllIsThereOnceAsync(outbox, 1_001);
    }

    /// <summary>A client that is ended reports nothing.</summary>
    [Fact]
    public async Task What_a_lost_client_had_is_sent_by_the_next_one_and_counted_once()
    {
        await using var outbox = await StartUpAsync();
        _topic.SetDown();
        outbox.Accept(TestTopic.Name, 0, 10);
        Assert.NotEmpty(outbox.Destination(TestTopic.Name).Sending);

        await outbox.Watch.StartAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("There is a new Kafka producer") > 0, _deadline);
        await outbox.Watch.StopAsync(CancellationToken.None);

        _topic.SetUp();
        await outbox.IsSentAsync();
        await AllIsThereOnceAsync(outbox, 10);
    }

    [Fact]
    public async Task Passing_errors_of_the_broker_lose_nothing()
    {
        _topic.Broker.PushRequestErrors(ProduceKey, 6, 7, -195, 6);
        await using var outbox = await StartUpAsync();

        outbox.Accept(TestTopic.Name, 0, 100);
        await outbox.IsSentAsync();

        Assert.Equal(0, outbox.Log.Count("failed for good"));
        await AllIsThereOnceAsync(outbox, 100);
    }

    [Fact]
    public async Task What_timed_out_is_sent_again_and_counted_once()
    {
        await using var outbox = await StartUpAsync(messageTimeoutMs: 1_000);
        _topic.Broker.SetRoundTripTime(TimeSpan.FromSeconds(3));
        outbox.Accept(TestTopic.Name, 0, 100);
        await Eventually.BecomesTrueAsync(() => outbox.Metering.Sum("functions.kafka.output.failed") >= 100, _deadline);
        Assert.Equal(100, outbox.Pending);

        _topic.Broker.SetRoundTripTime(TimeSpan.Zero);
        await outbox.IsSentAsync();
        await AllIsThereOnceAsync(outbox, 100);
    }

    private static async Task AllIsThereOnceAsync(OutboxUnderTest outbox, int count)
    {
        Assert.Equal((0, 0, 0), (outbox.Pending, outbox.NotDurable, outbox.Dropped));
        await Eventually.EqualsAsync(count, () => outbox.Metering.Sum("functions.kafka.output.delivered"));
        var numbers = await OutboxUnderTest.ReadAsync(outbox.Brokers, TestTopic.Name);

        // The broker keeps a batch twice whose acknowledgement was lost.
        Assert.Equal(Enumerable.Range(0, count), numbers.Distinct());
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
    }

    private async Task<OutboxUnderTest> StartUpAsync(int? messageTimeoutMs = null)
    {
        var outbox = new OutboxUnderTest(_folder.Combine("outbox"), _topic.Brokers, [TestTopic.Name], messageTimeoutMs: messageTimeoutMs);
        await outbox.StartAsync();
        await Eventually.BecomesTrueAsync(() => outbox.Destination(TestTopic.Name).IsOpen);
        return outbox;
    }

    private Error? Send(int partition, int bytes = 1) =>
        _client.TrySend(TestTopic.Name, partition, new byte[bytes], null, report => _reports.Enqueue(report.Error));
}
