using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>Messages on their way through files, with real clients, a broker and a disk.</summary>
public sealed class OutboxWriterTests : IDisposable
{
    private const string Topic = "things";
    private const string Other = "others";
    private const short ProduceKey = 0;
    private const int TopicAuthorizationFailed = 29;

    private readonly TempFolder _folder = new();
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());

    public OutboxWriterTests() => _broker.CreateTopic(Topic, 4);

    private string Root => _folder.Combine("outbox");

    private string Brokers => _broker.BootstrapServers;

    public void Dispose()
    {
        _broker.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_waits_leaves_memory_for_a_file_and_is_sent_from_there()
    {
        _broker.CreateTopic(Other, 1);
        _broker.SetPartitionLeader(Other, 0, -1);
        await using var outbox = await StartAsync(Topic, Other);
        outbox.Accept(Other, 0, 1_000);

        await outbox.BecomesDurableAsync();
        await Eventually.EqualsAsync((0, 0L), () => (outbox.Destination(Other).Fresh.Count, outbox.Destination(Other).WaitingBytes));
        Assert.Equal((1_000, 1_000), (outbox.Pending, outbox.Spooled));
        Assert.All(outbox.Files, file => Assert.EndsWith(".backlog", file, StringComparison.Ordinal));

        _broker.SetPartitionLeader(Other, 0, 1);
        await outbox.IsSentAsync();
        Assert.Equal(Enumerable.Range(0, 1_000), await OutboxUnderTest.ReadAsync(Brokers, Other));
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
    }

    [Fact]
    public async Task What_is_not_acknowledged_in_time_is_in_a_journal_until_it_is()
    {
        await using var outbox = await StartUpAsync();
        _broker.SetRoundTripTime(TimeSpan.FromSeconds(1));
        outbox.Accept(Topic, 0, 100);

        await Eventually.BecomesTrueAsync(() => outbox.Files is [var file] && file.EndsWith(".journal", StringComparison.Ordinal));
        Assert.Equal(100, outbox.Pending);

        await outbox.IsSentAsync();
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
        Assert.Equal(Enumerable.Range(0, 100), await OutboxUnderTest.ReadAsync(Brokers, Topic));
    }

    [Fact]
    public async Task What_a_process_leaves_that_dies_without_a_word_is_sent_by_another_and_its_folder_goes()
    {
        var dead = await OutboxUnderTest.StartAsync(Root, null, [Topic, Other]);
        dead.Accept(Topic, 0, 500);
        dead.Accept(Other, 500, 500);
        await dead.BecomesDurableAsync();
        await dead.KillAsync();

        _broker.CreateTopic(Other, 1);
        // No function names the other topic any more.
        await using var next = await StartAsync(Topic);
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));

        Assert.Equal(Enumerable.Range(0, 500), await OutboxUnderTest.ReadAsync(Brokers, Topic));
        Assert.Equal(Enumerable.Range(500, 500), await OutboxUnderTest.ReadAsync(Brokers, Other));
        Assert.Equal(0, next.Pending);
        Assert.Single(Directory.GetDirectories(Root, "process-*"));
    }

    /// <summary>They may be sent twice, and are the same ones.</summary>
    [Fact]
    public async Task What_a_dead_process_had_on_its_way_is_sent_by_another()
    {
        var dead = await StartUpAsync();
        _broker.SetRoundTripTime(TimeSpan.FromSeconds(5));
        dead.Accept(Topic, 0, 200);
        await dead.BecomesDurableAsync();
        await dead.KillAsync();
        Assert.NotEmpty(dead.Files);
        _broker.SetRoundTripTime(TimeSpan.Zero);

        await using var next = await StartAsync(Topic);
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 200), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
    }

    [Fact]
    public async Task A_destination_that_takes_nothing_holds_up_no_other_one_behind_it_in_the_files()
    {
        const string Gone = "gone";
        _broker.CreateTopic(Other, 1);
        _broker.SetPartitionLeader(Other, 0, -1);
        var dead = await OutboxUnderTest.StartAsync(Root, null, [Topic, Other, Gone]);
        dead.Accept(Other, 0, 600);
        dead.Accept(Gone, 600, 600);
        await dead.BecomesDurableAsync();
        dead.Accept(Topic, 1_200, 10);
        await dead.BecomesDurableAsync();
        await dead.KillAsync();

        await using var next = await StartAsync(Topic, Other, Gone);

        await Eventually.EqualsAsync(10, async () => (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
        next.Accept(Topic, 1_210, 10);
        await Eventually.EqualsAsync(20, async () => (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
        Assert.Equal(2, next.Files.Length);

        _broker.SetPartitionLeader(Other, 0, 1);
        _broker.CreateTopic(Gone, 1);
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 600), await OutboxUnderTest.ReadAsync(Brokers, Other));
        Assert.Equal(Enumerable.Range(600, 600), await OutboxUnderTest.ReadAsync(Brokers, Gone));
    }

    [Fact]
    public async Task What_was_for_brokers_that_no_output_has_any_more_stays_and_is_told_and_holds_up_nothing()
    {
        using var former = new FoldersUnderTest(Root);
        former.Folders.Open();
        former.Folders.Create(OutboxFileKind.Backlog).Append(
            [.. FoldersUnderTest.Records(0, 600).Select(record => record with { BrokerSetting = "FormerBrokers" })]);
        former.Folders.Create(OutboxFileKind.Backlog).Append(
            [.. FoldersUnderTest.Records(600, 10).Select(record => record with { BrokerSetting = OutboxUnderTest.BrokerSetting, Topic = Topic })]);
        former.Kill();

        await using var outbox = await StartAsync(Topic);

        await Eventually.EqualsAsync(10, async () => (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
        Assert.Equal(1, outbox.Log.Count("no function here sends to the brokers of FormerBrokers"));
        await Eventually.EqualsAsync(1, () => outbox.Files.Length);
        Assert.Equal((0, 0), (outbox.Pending, outbox.Dropped));
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

    [Fact]
    public async Task What_a_dead_process_left_takes_no_room_of_this_one()
    {
        var dead = await OutboxUnderTest.StartAsync(Root, null, [Topic], 1 << 20);
        dead.Accept(Topic, 0, 2_000, 1_000);
        await Eventually.BecomesTrueAsync(() => dead.Files.Sum(file => new FileInfo(file).Length) > 900 * 1024);
        await dead.KillAsync();

        _broker.SetDown();
        await using var next = await StartAsync(1 << 20, Topic);
        await Eventually.BecomesTrueAsync(() => next.Log.Count("that a process left in") > 0);
        next.Accept(Topic, 2_000, 500, 1_000);
        await next.BecomesDurableAsync();
        Assert.Equal((500, 0), (next.Pending, next.Dropped));

        _broker.SetUp();
        await Eventually.EqualsAsync(0, () => next.Files.Length, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(2_000, 500), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Where(number => number >= 2_000).Distinct());
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
    public async Task A_file_of_a_newer_version_is_kept_and_told_and_holds_up_nothing()
    {
        using var former = new FoldersUnderTest(Root);
        former.Folders.Open();
        var newer = former.CreateWith(0, 10).Path;
        former.Folders.Create(OutboxFileKind.Backlog).Append(
            [.. FoldersUnderTest.Records(10, 10).Select(record => record with { BrokerSetting = OutboxUnderTest.BrokerSetting, Topic = Topic })]);
        former.Kill();
        var bytes = await File.ReadAllBytesAsync(newer);
        bytes[RecordFormat.FileHeader.Length - 1]++;
        await File.WriteAllBytesAsync(newer, bytes);

        await using (var outbox = await StartAsync(Topic))
        {
            await Eventually.EqualsAsync(10, async () => (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Count);
            await Eventually.EqualsAsync(newer, () => string.Join(',', outbox.Files));
            Assert.Equal(1, outbox.Log.Count($"{newer} is of another version"));
            Assert.Equal((0, 0), (outbox.Pending, outbox.Dropped));
        }

        Assert.Equal(bytes, await File.ReadAllBytesAsync(newer));
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

    /// <summary>Everything is in files, and no other message comes that it could be tried with.</summary>
    [Fact]
    public async Task A_refused_destination_is_tried_again_also_when_files_have_all_its_messages()
    {
        await using var outbox = await StartUpAsync();
        _broker.PushRequestErrors(ProduceKey, [.. Enumerable.Repeat(TopicAuthorizationFailed, 3)]);
        outbox.Accept(Topic, 0, 3);

        await Eventually.BecomesTrueAsync(() => outbox.Log.Count("Kafka refused messages for the topic things") > 0);
        await outbox.IsSentAsync();

        Assert.Equal(Enumerable.Range(0, 3), (await OutboxUnderTest.ReadAsync(Brokers, Topic)).Distinct());
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
    }

    private Task<OutboxUnderTest> StartAsync(params string[] topics) => OutboxUnderTest.StartAsync(Root, Brokers, topics);

    private Task<OutboxUnderTest> StartAsync(long maxBytes, params string[] topics) => OutboxUnderTest.StartAsync(Root, Brokers, topics, maxBytes);

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

    // With the topic's leaders known.
    private async Task<OutboxUnderTest> StartUpAsync()
    {
        var outbox = await StartAsync(Topic);
        await Eventually.BecomesTrueAsync(() => outbox.Destination(Topic).IsOpen);
        return outbox;
    }
}
