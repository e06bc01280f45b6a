using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>The end of a listener, and of its consumers.</summary>
public sealed class ListenerStopTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    // SIGTERM to exit takes 15 s at the most.
    private static readonly TimeSpan _stopDeadline = TimeSpan.FromSeconds(15);

    private readonly TestTopic _topic = new();
    private readonly RecordedFunction _function = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task The_batch_in_flight_ends_and_is_committed_before_the_stop_is_done()
    {
        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await _topic.ProduceAsync(0, "a");
        await using var worker = await _function.StartAsync(_topic);
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0, _deadline);

        var stop = worker.StopAsync(_stopDeadline);
        await Eventually.BecomesTrueAsync(
            () => worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        gate.SetResult();
        await stop;

        Assert.Equal("1", await _topic.CommittedTextAsync());
        Assert.Equal(["a"], _function.Done);
    }

    [Fact]
    public async Task An_invocation_that_does_not_end_is_cancelled_and_not_committed()
    {
        _function.Body = call => Task.Delay(Timeout.Infinite, call.Context.CancellationToken);
        await _topic.ProduceAsync(0, "a");
        await using var worker = await _function.StartAsync(_topic);
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0, _deadline);

        await worker.StopAsync(_stopDeadline);

        await Eventually.BecomesTrueAsync(() => _function.Calls[0].Context.CancellationToken.IsCancellationRequested);
        Assert.Equal("0", await _topic.CommittedTextAsync());
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_broker_that_is_away()
    {
        await using var worker = await _function.StartAsync(_topic);
        await _topic.ProduceAsync(0, "a");
        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);

        _topic.SetDown();

        await worker.StopAsync(_stopDeadline);
        _topic.SetUp();
    }

    [Fact]
    public async Task What_the_embedded_broker_holds_is_consumed_before_the_end_also_right_after_the_start()
    {
        var trigger = new Microsoft.Azure.Functions.Worker.KafkaTriggerAttribute("embedded", "things") { ConsumerGroup = "g", IsBatched = true };
        var received = 0;
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Kafka("Consume", trigger, (records, _) =>
                {
                    Interlocked.Add(ref received, records.Length);
                    return Task.CompletedTask;
                }),
                TestFunctions.HttpWithEvents("Send", new("embedded", "things"), () => null, () => "event"),
            ],
            TestTopic.Settings());
        (await worker.Client.GetAsync("/Send")).EnsureSuccessStatusCode();
        (await worker.Client.GetAsync("/Send")).EnsureSuccessStatusCode();

        await worker.StopAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(2, received);
    }

    [Fact]
    public async Task A_drain_right_after_the_start_waits_for_the_partitions()
    {
        await _topic.ProduceAsync(0, "a");
        await using var worker = await _function.StartAsync(_topic);

        await worker.Services.GetRequiredService<KafkaListeners>().All[0].StopAsync(drainTime: _deadline, stopTime: _stopDeadline);

        Assert.Equal(["a"], _function.Done);
        Assert.Equal("1", await _topic.CommittedTextAsync());
    }

    [Fact]
    public async Task A_consumer_that_cannot_be_made_is_tried_again_and_the_reason_ends_with_it()
    {
        using var clients = Clients();
        KafkaListener? started = null;
        string? reason = null;
        using var listener = started = Listener(clients, clients.Watch, (session, attempt) =>
        {
            reason = started!.State.PausedReason;
            return attempt == 0 ? throw new InvalidOperationException("No client today.") : session(_topic.Brokers);
        });

        listener.Start();
        await Eventually.BecomesTrueAsync(() => listener.State.IsMember, _deadline);
        Assert.Contains("No client today.", reason, StringComparison.Ordinal);

        try
        {
            await Eventually.EqualsAsync(null, () => listener.State.PausedReason, TimeSpan.FromSeconds(5));
        }
        finally
        {
            await listener.StopAsync(TimeSpan.Zero, _stopDeadline);
        }
    }

    /// <summary>A client can lose all its brokers for good, and only says that it waits.</summary>
    [Fact]
    public async Task A_consumer_that_does_not_reach_Kafka_while_others_do_is_replaced()
    {
        using var clients = Clients();
        using var watch = new ClientWatch(_ => TestTopic.Name, clients.Loops, TimeProvider.System, Times(100));
        await watch.StartAsync(CancellationToken.None);
        using var listener = Listener(clients, watch, (session, attempt) => session(attempt == 0 ? KafkaBrokers.Unreachable : _topic.Brokers));

        listener.Start();
        await Eventually.BecomesTrueAsync(() => listener.State.IsMember, _deadline);

        Assert.Contains("does not reach Kafka", clients.Logs.All.Single(line => line.Level == LogLevel.Error).Text, StringComparison.Ordinal);
        await watch.StopAsync(CancellationToken.None);
        await listener.StopAsync(TimeSpan.Zero, _stopDeadline);
    }

    [Fact]
    public async Task A_consumer_that_can_be_made_but_not_work_is_made_ever_less_often()
    {
        using var clients = Clients();
        var made = new List<long>();
        using var listener = Listener(clients, clients.Watch, (session, attempt) =>
        {
            made.Add(Stopwatch.GetTimestamp());
            var consumer = session(_topic.Brokers);
            if (attempt < 3)
            {
                // It fails as soon as it is used.
                consumer.Dispose();
            }

            return consumer;
        });

        listener.Start();
        await Eventually.BecomesTrueAsync(() => listener.State.IsMember, _deadline);

        await listener.StopAsync(TimeSpan.Zero, _stopDeadline);
        // 1, 2 and 4 seconds.
        Assert.Equal(4, made.Count);
        Assert.True(Stopwatch.GetElapsedTime(made[0], made[3]) >= TimeSpan.FromSeconds(6.5));
    }

    [Fact]
    public async Task A_consumer_may_end_while_it_is_asked_whether_it_reaches_Kafka()
    {
        using var clients = Clients();
        using var watch = new ClientWatch(_ => TestTopic.Name, clients.Loops, TimeProvider.System, Times(1) with { Unanswered = _deadline });
        await watch.StartAsync(CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            using var listener = Listener(clients, watch, (session, _) => session(_topic.Brokers));
            listener.Start();
            await Eventually.BecomesTrueAsync(() => listener.State.IsMember, _deadline);
            await listener.StopAsync(TimeSpan.Zero, _stopDeadline);
        }

        await watch.StopAsync(CancellationToken.None);
        Assert.Equal("", string.Join('|', clients.Logs.All.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text)));
    }

    private static TestClients Clients() => new(("subscriberIntervalInSeconds", "0"), ("sessionTimeoutMs", "3000"));

    private static ClientWatchTimes Times(int milliseconds) =>
        new(TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromMilliseconds(3 * milliseconds));

    private KafkaListener Listener(TestClients clients, ClientWatch watch, Func<Func<string, ConsumerSession>, int, ConsumerSession> create)
    {
        var state = new ListenerState();
        var attempts = 0;
        var options = new ListenerOptions(
            "F", _topic.Brokers, TestTopic.Name, TestTopic.Group, 10, TimeSpan.Zero, RetrySchedule.Of(null, clients.Settings),
            clients.Settings.AutoOffsetReset, TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(200), false);
        var invoker = new BatchInvoker(new RegisteredFunction(_function.Describe(_topic)), options, null!, null!, null!, null!, null!);
        var context = new ListenerContext(
            options,
            state,
            new ListenerLog(options, clients.Throttled, clients.Loggers.CreateLogger<ListenerLog>()),
            invoker,
            () => [1],
            clients.Factory,
            watch,
            clients.Loops,
            new TriggerMetrics(clients.Meters, TimeProvider.System),
            _ => { },
            TimeProvider.System,
            clients.Loggers);
        return new KafkaListener(
            options,
            () => create(brokers => new ConsumerSession(context with { Options = options with { BrokerList = brokers } }), attempts++),
            state,
            new PollWatchdog(options.MaxPollInterval, TimeProvider.System, _ => { }),
            TimeProvider.System,
            clients.Loggers.CreateLogger<KafkaListener>());
    }
}
