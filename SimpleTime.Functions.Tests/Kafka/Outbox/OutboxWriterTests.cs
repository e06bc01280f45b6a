using Microsoft.Extensions.Time.Testing;
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
        Assert.InRange(outbox.PendingAge, 0.001, 60);
        Assert.All(outbox.Files, file => Assert.EndsWith(".backlog", file, StringComparison.Ordinal));

        _broker.SetPartitionLeader(Other, 0, 1);
        await outbox.IsSentAsync();
        Assert.Equal(Enumerable.Range(0, 1_000), await OutboxUnderTest.ReadAsync(Brokers, Other));
        await Eventually.EqualsAsync(0, () => outbox.Files.Length);
        await Eventually.EqualsAsync(0.0, () => outbox.PendingAge);
    }

    [Fact]
    public async Task What_waits_keeps_its_age_in_a_file_and_when_it_is_read_back_also_from_that_of_a_dead_process()
    {
        var time = new FakeTimeProvider();
        // Not started, and of a topic whose leaders nobody asks for.
        var dead = new OutboxUnderTest(Root, null, ["another"], time: time);
        Assert.Equal(0, dead.PendingAge);
        dead.Accept(Topic, 0, 3);
        dead.Writer.Run();
        time.Advance(TimeSpan.FromSeconds(60));
        dead.Accept(Topic, 3, 3);
        dead.Writer.Run();
        Assert.Empty(dead.Destination(Topic).Fresh);
        Assert.Equal(60, dead.PendingAge);

        await dead.KillAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        await using var next = new OutboxUnderTest(Root, null, ["another"], time: time);
        next.Writer.Run();
        Assert.Equal(90, next.PendingAge);

        next.Destination(Topic).Update(time.GetTimestamp());
        next.Writer.Run();
        Assert.Equal(6, next.Destination(Topic).Backlog.Count);
        Assert.Equal(90, next.PendingAge, 0.1);

        for (var left = 5; left >= 0; left--)
        {
            next.EndFirst(Topic);
            Assert.Equal(left > 3 ? 90 : left > 0 ? 30 : 0, next.PendingAge, 0.1);
        }
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
    public async Task While_Kafka_takes_messages_there_is_no_file_for_100_ms_unless_somebody_flushes()
    {
        var time = new FakeTimeProvider();
        // Not started, and of a topic whose leaders nobody asks for.
        await using var outbox = new OutboxUnderTest(Root, null, ["another"], time: time);
        outbox.Destination(Topic).Update(time.GetTimestamp());
        outbox.Accept(Topic, 0, 3);
        time.Advance(TimeSpan.FromMilliseconds(99));
        outbox.Writer.Run();
        Assert.Equal((0, 3), (outbox.Files.Length, outbox.NotDurable));

        outbox.Writer.BeginFlush();
        outbox.Writer.Run();
        Assert.Equal((1, 0), (outbox.Files.Length, outbox.NotDurable));
        outbox.Writer.EndFlush();

        outbox.Accept(Topic, 3, 3);
        outbox.Writer.Run();
        Assert.Equal(3, outbox.NotDurable);
        time.Advance(TimeSpan.FromMilliseconds(100));
        outbox.Writer.Run();
        Assert.Equal(0, outbox.NotDurable);
    }

    /// <summary>Each open file is a descriptor that connections lack.</summary>
    [Fact]
    public async Task What_is_read_back_as_soon_as_it_is_written_takes_one_file()
    {
        var time = new FakeTimeProvider();
        // Not started, so that nothing is sent, and of a topic whose leaders nobody asks for.
        await using var outbox = new OutboxUnderTest(Root, null, ["another"], time: time);
        outbox.Destination(Topic).Update(time.GetTimestamp());
        for (var i = 0; i < 100; i++)
        {
            outbox.Accept(Topic, i * 10, 10, 2_000);
            time.Advance(TimeSpan.FromMilliseconds(100));
            outbox.Writer.Run();
            Assert.Equal((i + 1) * 10, outbox.Destination(Topic).Backlog.Count);
        }

        Assert.EndsWith(".backlog", Assert.Single(outbox.Files), StringComparison.Ordinal);
        Assert.Equal((1_000, 0), (outbox.Pending, outbox.NotDurable));
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

    // With the topic's leaders known.
    private async Task<OutboxUnderTest> StartUpAsync()
    {
        var outbox = await StartAsync(Topic);
        await Eventually.BecomesTrueAsync(() => outbox.Destination(Topic).IsOpen);
        return outbox;
    }
}
