using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Embedded;

/// <summary>The embedded broker, spoken to over TCP by the clients that the service uses.</summary>
public sealed class EmbeddedBrokerTests : IDisposable
{
    private const string Topic = "things";
    private const short ProduceKey = 0;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void It_listens_on_loopback_only() =>
        Assert.Matches("^127\\.0\\.0\\.1:[0-9]+$", _broker.BootstrapServers);

    [Fact]
    public void Each_broker_of_a_cluster_has_an_address()
    {
        using var cluster = EmbeddedBroker.Start(new EmbeddedBrokerOptions { BrokerCount = 3 });

        Assert.Equal(3, cluster.BootstrapServers.Split(',').Distinct().Count());
        using var admin = Admin(cluster.BootstrapServers);
        Assert.Equal(3, admin.GetMetadata(_timeout).Brokers.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void A_topic_has_the_partitions_it_was_created_with(int partitions)
    {
        _broker.CreateTopic(Topic, partitions);

        using var admin = Admin();
        var metadata = Assert.Single(admin.GetMetadata(Topic, _timeout).Topics);
        Assert.Equal(partitions, metadata.Partitions.Count);
        Assert.All(metadata.Partitions, partition => Assert.Equal(1, partition.Leader));
    }

    [Fact]
    public async Task A_topic_that_a_producer_names_first_gets_the_default_partitions()
    {
        using var producer = Producer();
        await producer.ProduceAsync(Topic, new Message<string?, string> { Value = "x" }).WaitAsync(_timeout);

        using var admin = Admin();
        Assert.Equal(EmbeddedBroker.DefaultPartitionCount, admin.GetMetadata(Topic, _timeout).Topics.Single().Partitions.Count);
    }

    [Fact]
    public async Task What_is_produced_is_consumed_by_a_group_without_delay_and_its_offsets_stay()
    {
        _broker.CreateTopic(Topic, 3);
        using var producer = Producer();
        for (var i = 0; i < 300; i++)
        {
            producer.Produce(new TopicPartition(Topic, i % 3), new Message<string?, string> { Key = "k", Value = $"{i}" });
        }

        Assert.Equal(0, producer.Flush(_timeout));
        var config = new ConsumerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            GroupId = "group",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        };
        using var consumer = new ConsumerBuilder<string?, string>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(Topic);
        var values = new SortedSet<int>();
        await Eventually.EqualsAsync(300, () =>
        {
            while (consumer.Consume(TimeSpan.FromMilliseconds(50)) is { } record)
            {
                Assert.True(values.Add(int.Parse(record.Message.Value, CultureInfo.InvariantCulture)), "consumed twice");
            }

            return values.Count;
        });
        consumer.Commit();
        consumer.Close();

        using var onlooker = new ConsumerBuilder<string?, string>(config).SetLogHandler((_, _) => { }).Build();
        var committed = onlooker.Committed(Enumerable.Range(0, 3).Select(p => new TopicPartition(Topic, p)), _timeout);
        Assert.All(committed, offset => Assert.Equal(100, offset.Offset.Value));
    }

    /// <summary>The process would end: what this holds up is <see cref="Forks"/>.</summary>
    [Fact]
    public async Task It_may_be_set_down_while_processes_are_started_elsewhere()
    {
        using var stop = new CancellationTokenSource();
        var starting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var process = Forks.Start(new ProcessStartInfo("true"));
                process.WaitForExit();
            }
        });
        for (var i = 0; i < 30; i++)
        {
            Forks.Without(_broker.SetDown);
            _broker.SetUp();
        }

        await stop.CancelAsync();
        await starting;
    }

    [Fact]
    public async Task Its_connections_end_with_it_although_processes_were_started_meanwhile()
    {
        _broker.CreateTopic(Topic, 1);
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(_broker.BootstrapServers));
        // It takes connections in their order.
        using var producer = Producer();
        await ProduceAsync(producer, "later");
        using var child = Forks.Start(new ProcessStartInfo("sleep", ["30"]));

        Forks.Without(_broker.SetDown);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], deadline.Token));
        child.Kill();
    }

    [Fact]
    public async Task Down_and_up_keeps_the_records_and_takes_the_backlog()
    {
        _broker.CreateTopic(Topic, 2);
        using var producer = Producer();
        await ProduceAsync(producer, "before");

        Forks.Without(_broker.SetDown);
        var backlog = ProduceAsync(producer, "meanwhile");
        using (var admin = Admin())
        {
            Assert.Throws<KafkaException>(() => admin.GetMetadata(TimeSpan.FromMilliseconds(300)));
        }

        Assert.False(backlog.IsCompleted);
        _broker.SetUp();
        await backlog;

        var records = await TopicReader.ReadAllAsync(_broker.BootstrapServers, Topic);
        Assert.Equal(["before", "meanwhile"], records.Select(record => record.Message.Value).Order());
    }

    [Fact]
    public async Task A_pushed_error_reaches_the_producer_once()
    {
        _broker.CreateTopic(Topic, 1);
        using var producer = Producer();
        _broker.PushRequestErrors(ProduceKey, (int)ErrorCode.MsgSizeTooLarge);

        var e = await Assert.ThrowsAsync<ProduceException<string?, string>>(() => ProduceAsync(producer, "refused"));

        Assert.Equal(ErrorCode.MsgSizeTooLarge, e.Error.Code);
        await ProduceAsync(producer, "taken");
        var record = Assert.Single(await TopicReader.ReadAllAsync(_broker.BootstrapServers, Topic));
        Assert.Equal("taken", record.Message.Value);
    }

    [Fact]
    public async Task Errors_that_are_cleared_reach_nobody()
    {
        _broker.CreateTopic(Topic, 1);
        using var producer = Producer();
        _broker.PushRequestErrors(ProduceKey, (int)ErrorCode.TopicAuthorizationFailed);
        _broker.ClearRequestErrors(ProduceKey);

        await ProduceAsync(producer, "taken");
    }

    [Fact]
    public async Task Answers_take_the_round_trip_time()
    {
        _broker.CreateTopic(Topic, 1);
        using var producer = Producer();
        await ProduceAsync(producer, "first");
        var started = Stopwatch.GetTimestamp();
        _broker.SetRoundTripTime(TimeSpan.FromMilliseconds(400));

        await ProduceAsync(producer, "delayed");

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(400), _timeout);
    }

    [Fact]
    public void A_partition_can_be_without_a_leader()
    {
        _broker.CreateTopic(Topic, 2);
        _broker.SetPartitionLeader(Topic, 1, -1);

        using var admin = Admin();
        Assert.Equal([1, -1], admin.GetMetadata(Topic, _timeout).Topics.Single().Partitions.Select(partition => partition.Leader));
    }

    [Fact]
    public void What_the_cluster_lacks_is_refused()
    {
        _broker.CreateTopic(Topic, 1);

        var e = Assert.Throws<InvalidOperationException>(() => _broker.CreateTopic(Topic, 1));
        Assert.Contains("already exists", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _broker.SetPartitionLeader(Topic, 0, 2));
        Assert.Throws<InvalidOperationException>(() => _broker.SetPartitionLeader(Topic, 1, 1));
    }

    [Fact]
    public void Arguments_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddedBroker.Start(new EmbeddedBrokerOptions { BrokerCount = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => EmbeddedBroker.Start(new EmbeddedBrokerOptions { GroupInitialRebalanceDelay = TimeSpan.FromMilliseconds(-1) }));
        Assert.Throws<ArgumentException>(() => _broker.CreateTopic("no spaces", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _broker.CreateTopic(Topic, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _broker.SetRoundTripTime(TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _broker.PushRequestErrors(-1, 7));
    }

    [Fact]
    public void A_disposed_broker_says_so()
    {
        var broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());
        broker.Dispose();
        broker.Dispose();

        Assert.Throws<ObjectDisposedException>(broker.SetDown);
        Assert.Throws<ObjectDisposedException>(() => broker.CreateTopic(Topic, 1));
    }

    [Fact]
    public async Task No_signal_reaches_the_threads_of_the_cluster()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Asked again when a thread of another test's broker ends while its files are read.
        var masks = await Eventually.MeetsAsync(() => Task.FromResult(BlockedSignalsOfClusterThreads()), masks => masks.Length > 0);

        Assert.All(masks, mask =>
        {
            Assert.NotEqual(0UL, mask & (1UL << (Signals.Terminate - 1)));
            Assert.NotEqual(0UL, mask & (1UL << (Signals.Continue - 1)));
        });
    }

    // The mask is hexadecimal and has signal N at bit N - 1: proc_pid_status(5).
    private static ulong[] BlockedSignalsOfClusterThreads() => Directory.GetDirectories("/proc/self/task")
        .Where(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == "rdk:mock")
        .Select(task => File.ReadLines(Path.Combine(task, "status")).Single(line => line.StartsWith("SigBlk:", StringComparison.Ordinal)))
        .Select(line => ulong.Parse(line.AsSpan("SigBlk:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        .ToArray();

    private static Task<DeliveryResult<string?, string>> ProduceAsync(IProducer<string?, string> producer, string value) =>
        producer.ProduceAsync(Topic, new Message<string?, string> { Value = value }).WaitAsync(_timeout);

    private IProducer<string?, string> Producer() => new ProducerBuilder<string?, string>(new ProducerConfig
    {
        BootstrapServers = _broker.BootstrapServers,
        EnableIdempotence = true,
        Acks = Acks.All,
        CompressionType = CompressionType.Lz4,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 200,
    }).SetLogHandler((_, _) => { }).Build();

    private IAdminClient Admin() => Admin(_broker.BootstrapServers);

    private static IAdminClient Admin(string bootstrapServers) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
}
