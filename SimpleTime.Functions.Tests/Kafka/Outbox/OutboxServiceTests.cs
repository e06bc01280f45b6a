using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>The flush and the end of the outbox.</summary>
public sealed class OutboxServiceTests : IDisposable
{
    private const string Topic = "things";

    private readonly TempFolder _folder = new();
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());

    public OutboxServiceTests() => _broker.CreateTopic(Topic, 4);

    private string Root => _folder.Combine("outbox");

    private string Brokers => _broker.BootstrapServers;

    public void Dispose()
    {
        _broker.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_flush_makes_durable_what_Kafka_has_not_acknowledged()
    {
        await using var outbox = await StartUpAsync();
        _broker.SetRoundTripTime(TimeSpan.FromSeconds(20));
        outbox.Accept(Topic, 0, 100);

        Assert.Equal(0, await outbox.FlushAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal((100, 100), (outbox.Pending, outbox.Spooled));
        Assert.NotEmpty(outbox.Files);
        _broker.SetRoundTripTime(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_flush_tells_how_many_neither_Kafka_nor_the_disk_takes()
    {
        _broker.SetDown();
        await using var outbox = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]);
        outbox.Disk.Fails = static member => member == nameof(IOutboxDisk.Sync);
        outbox.Accept(Topic, 0, 7);

        Assert.Equal(7, await outbox.FlushAsync(TimeSpan.FromSeconds(0.3)));

        outbox.Disk.Fails = null;
        Assert.Equal(0, await outbox.FlushAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>What comes meanwhile is no part of them, and never ceases to come.</summary>
    [Fact]
    public async Task Flushes_end_while_messages_go_on_to_come()
    {
        await using var outbox = await StartUpAsync();
        using var done = new CancellationTokenSource();
        var count = 0;
        var accepting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                outbox.Accept(Topic, count++, 1);
                await Task.Yield();
                Thread.SpinWait(2_000);
            }
        });

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(0, await outbox.FlushAsync(TimeSpan.FromSeconds(20)));
        }

        await done.CancelAsync();
        await accepting;
        await outbox.IsSentAsync();
    }

    [Fact]
    public async Task The_end_waits_for_what_Kafka_acknowledges()
    {
        await using var outbox = await StartUpAsync();
        outbox.Accept(Topic, 0, 2_000);

        await outbox.StopAsync();

        Assert.Equal(0, outbox.Pending);
        Assert.Equal(2_000, (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
        Assert.False(Directory.Exists(Root) && Directory.EnumerateFileSystemEntries(Root).Any());
    }

    /// <summary>On their way to the disk they are neither in memory nor in a file.</summary>
    [Fact]
    public async Task The_end_waits_for_what_is_being_written_when_Kafka_would_take_it()
    {
        await using var outbox = await StartUpAsync();
        _broker.SetRoundTripTime(TimeSpan.FromSeconds(0.5));
        using var synced = new ManualResetEventSlim();
        outbox.Disk.Fails = member =>
        {
            // Not while it writes those that are on their way alone.
            if (member == nameof(IOutboxDisk.Sync) && outbox.Destination(Topic).Fresh.Count == 0)
            {
                synced.Wait();
            }

            return false;
        };
        outbox.Accept(Topic, 0, 1_000);
        await Eventually.EqualsAsync((0, 0), () => (outbox.Destination(Topic).Fresh.Count, outbox.Destination(Topic).Sending.Count));
        Assert.NotEqual(0, outbox.Pending);

        _broker.SetRoundTripTime(TimeSpan.Zero);
        var stopping = outbox.StopAsync();
        synced.Set();
        await stopping;

        Assert.Equal(0, outbox.Pending);
        Assert.Equal(1_000, (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
    }

    [Fact]
    public async Task At_the_end_without_Kafka_files_have_everything_and_the_next_process_sends_it()
    {
        _broker.SetDown();
        await using (var outbox = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]))
        {
            outbox.Accept(Topic, 0, 1_000);
            var since = Stopwatch.GetTimestamp();
            await outbox.StopAsync();
            // Nothing is waited for that cannot come.
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            Assert.Equal((0, 0), (outbox.NotDurable, outbox.Dropped));
        }

        _broker.SetUp();
        await using var next = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]);
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 1_000), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
    }

    [Fact]
    public async Task At_the_end_files_have_what_a_broker_that_hangs_was_sent()
    {
        await using (var outbox = await StartUpAsync())
        {
            _broker.SetRoundTripTime(TimeSpan.FromMinutes(1));
            outbox.Accept(Topic, 0, 1_000);
            await outbox.StopAsync();
            Assert.Equal((1_000, 0, 0), (outbox.Pending, outbox.NotDurable, outbox.Dropped));
        }

        _broker.SetRoundTripTime(TimeSpan.Zero);
        await using var next = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]);
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 1_000), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
    }

    [Fact]
    public async Task What_is_lost_at_the_end_is_counted_and_told()
    {
        _broker.SetDown();
        await using var outbox = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]);
        outbox.Disk.Fails = static member => member == nameof(IOutboxDisk.Sync);
        outbox.Accept(Topic, 0, 10);

        await outbox.StopAsync();

        Assert.Equal(10, outbox.Dropped);
        Assert.Equal(1, outbox.Log.Count("10 messages for Kafka were dropped"));
    }

    private async Task<OutboxUnderTest> StartUpAsync()
    {
        var outbox = await OutboxUnderTest.StartAsync(Root, Brokers, [Topic]);
        await Eventually.BecomesTrueAsync(() => outbox.Destination(Topic).IsOpen);
        return outbox;
    }
}
