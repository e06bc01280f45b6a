using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>A disk that is full, fails, is damaged or cleaned while messages go through it, with real clients and a broker.</summary>
public sealed class OutboxDiskTests : IDisposable
{
    private const string Topic = "things";
    private const string Other = "others";

    private readonly TempFolder _folder = new();
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());

    public OutboxDiskTests() => _broker.CreateTopic(Topic, 4);

    private string Root => _folder.Combine("outbox");

    private string Brokers => _broker.BootstrapServers;

    public void Dispose()
    {
        _broker.Dispose();
        _folder.Dispose();
    }

    /// <summary>Memory is there as well.</summary>
    [Fact]
    public async Task A_small_disk_loses_nothing_while_memory_has_room()
    {
        await using var outbox = await StartAsync(1 << 20, Topic);
        _broker.SetDown();
        outbox.Accept(Topic, 0, 2_000, 1_000);
        await Eventually.BecomesTrueAsync(() => outbox.Files.Sum(file => new FileInfo(file).Length) > 600 * 1024);
        Assert.Equal((2_000, 0), (outbox.Pending, outbox.Dropped));

        _broker.SetUp();
        await outbox.IsSentAsync();
        Assert.Equal(Enumerable.Range(0, 2_000), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
        Assert.Equal(0, outbox.Dropped);
    }

    /// <summary>After the disk failed for a while, more waits than it has room for.</summary>
    [Fact]
    public async Task A_small_disk_takes_as_much_as_it_has_room_for_of_what_waits()
    {
        _broker.SetDown();
        await using var outbox = await StartAsync(1 << 20, Topic);
        outbox.Disk.Fails = static member => member == nameof(IOutboxDisk.Write);
        outbox.Accept(Topic, 0, 2_000, 1_000);
        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("messages stay in memory until it can") > 0);
        outbox.Disk.Fails = null;

        await Eventually.BecomesTrueAsync(() => outbox.Files.Sum(file => new FileInfo(file).Length) is > 900 * 1024 and <= 1 << 20);
        Assert.Equal((2_000, 0), (outbox.Pending, outbox.Dropped));
    }

    [Theory]
    [InlineData(8_192, 4_096)]
    [InlineData(20, 4)]
    public async Task What_a_damaged_file_has_not_any_more_is_counted_and_told_and_the_rest_is_sent(int offset, int zeros)
    {
        _broker.SetDown();
        await using var outbox = await StartAsync(Topic);
        outbox.Accept(Topic, 0, 500, 200);
        await outbox.BecomesDurableAsync();
        var path = Assert.Single(outbox.Files);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = offset;
            await file.WriteAsync(new byte[zeros]);
        }

        _broker.SetUp();
        await outbox.IsSentAsync();

        var sent = (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct().Count();
        Assert.InRange(sent, 470, 499);
        Assert.Equal(500 - sent, outbox.Dropped);
        await Eventually.BecomesTrueAsync(() => File.Exists(path + ".damaged"));
        Assert.Equal(1, outbox.Log.Count($"{path} is damaged: {500 - sent} messages of it are missing"));
        Assert.Empty(outbox.Files);
    }

    [Fact]
    public async Task Reads_and_writes_that_fail_for_a_while_lose_nothing_and_are_tried_again()
    {
        _broker.SetDown();
        await using var outbox = await StartAsync(Topic);
        outbox.Accept(Topic, 0, 300);
        await outbox.BecomesDurableAsync();

        outbox.Disk.Fails = static member => member is nameof(IOutboxDisk.Write) or nameof(IOutboxDisk.Read) or nameof(IOutboxDisk.Create);
        outbox.Accept(Topic, 300, 300);
        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("messages stay in memory until it can") > 0);
        _broker.SetUp();
        await Eventually.EqualsAsync(300, () => outbox.Pending, TimeSpan.FromSeconds(30));
        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("cannot be read and is tried again") > 0);
        Assert.Single(outbox.Files);

        outbox.Disk.Fails = null;
        await outbox.IsSentAsync();
        Assert.Equal(Enumerable.Range(0, 600), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
        Assert.Equal(0, outbox.Dropped);
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
    }

    /// <summary>A disk that is full has what Kafka can take now.</summary>
    [Fact]
    public async Task A_disk_that_takes_nothing_is_read_all_the_same()
    {
        _broker.SetDown();
        await using var outbox = await StartAsync(Topic, Other);
        outbox.Accept(Topic, 0, 300);
        await outbox.BecomesDurableAsync();
        outbox.Disk.Fails = static member => member is nameof(IOutboxDisk.Write) or nameof(IOutboxDisk.Create);
        // The topic does not exist, so that they wait for the disk all the time.
        outbox.Accept(Other, 300, 10);

        _broker.SetUp();

        await Eventually.EqualsAsync(10, () => outbox.Pending, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 300), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_folder_may_be_deleted_or_renamed_while_it_is_in_use(bool isDeleted)
    {
        _broker.SetDown();
        await using var outbox = await StartAsync(Topic);
        outbox.Accept(Topic, 0, 300);
        await outbox.BecomesDurableAsync();

        if (isDeleted)
        {
            Directory.Delete(Root, recursive: true);
        }
        else
        {
            Directory.Move(Root, Root + ".old");
        }

        outbox.Accept(Topic, 300, 300);
        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("were carried over to") > 0 && outbox.Files.Length > 0);
        await outbox.BecomesDurableAsync();

        _broker.SetUp();
        await outbox.IsSentAsync();
        Assert.Equal(Enumerable.Range(0, 600), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
        Assert.Equal(0, outbox.Dropped);
    }

    [Fact]
    public async Task One_destination_gets_half_of_the_disk_while_another_one_waits()
    {
        const int MaxBytes = 4 << 20;
        await using var outbox = new OutboxUnderTest(Root, null, [Topic, Other], MaxBytes);
        outbox.Accept(Topic, 0, 5_000, 1_000);
        outbox.Accept(Other, 5_000, 1_000, 1_000);
        await outbox.StartAsync();

        await Eventually.EqualsAsync(1_000, () => CountInFiles(outbox, Other));

        // Nobody else waits now.
        await Eventually.BecomesTrueAsync(() => CountInFiles(outbox, Topic) > 2_300);
        Assert.Equal((6_000, 0), (outbox.Pending, outbox.Dropped));
    }

    private static int CountInFiles(OutboxUnderTest outbox, string topic) => outbox.Files.Sum(path =>
    {
        var reader = new OutboxFileReader(FoldersUnderTest.OfDeadProcess(path));
        var count = 0;
        do
        {
            count += reader.Read(1_000, 1 << 20).Count(record => record.Topic == topic);
        }
        while (!reader.IsAtEnd);

        return count;
    });

    private Task<OutboxUnderTest> StartAsync(params string[] topics) => OutboxUnderTest.StartAsync(Root, Brokers, topics);

    private Task<OutboxUnderTest> StartAsync(long maxBytes, params string[] topics) => OutboxUnderTest.StartAsync(Root, Brokers, topics, maxBytes);
}
