using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What the writer is given to write, and what becomes of messages meanwhile.</summary>
public sealed class UnwrittenMessagesTests : OutboxFilesTest
{
    private const int Room = 1_000;

    public UnwrittenMessagesTests()
        : base(new OutboxRig(queueMessages: Room))
    {
    }

    [Fact]
    public void What_is_acknowledged_within_100_ms_is_never_written()
    {
        var messages = new[] { Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)! };
        Rig.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.True(Rig.Take(Topic, isUrgent: false).IsEmpty);
        Rig.Acknowledge(messages[0]);

        Rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([messages[1]], Rig.Take(Topic, isUrgent: false).Journal);
    }

    [Fact]
    public void Messages_of_any_age_are_written_at_a_flush() =>
        Assert.Equal([Rig.TryAccept(Topic)!], Rig.Take(Topic, isUrgent: true).Journal);

    [Fact]
    public void Messages_of_any_age_are_written_while_their_topic_takes_none()
    {
        var message = Rig.TryAccept(Topic)!;
        Rig.Fail(ErrorCode.TopicAuthorizationFailed, message);
        Assert.Equal([message], Rig.Take(Topic, isUrgent: false).Backlog);

        var other = Rig.Add("other");
        var waiting = Rig.AcceptWaiting(other, 1);
        Assert.Equal(waiting, Rig.Take(other, isUrgent: false).Backlog);
    }

    [Fact]
    public void Messages_of_any_age_are_written_while_memory_is_half_full()
    {
        Rig.AcceptWaiting(Topic, (Room / 2) - 1);
        Topic.Windows.Update([0]);
        Assert.True(Rig.Take(Topic, isUrgent: false).IsEmpty);
        Rig.TryAccept(Topic);

        Assert.Equal(Room / 2, Rig.Take(Topic, isUrgent: false).Backlog.Count);
    }

    [Fact]
    public void What_waits_is_for_a_backlog_file_and_what_is_on_its_way_or_was_refused_for_a_journal()
    {
        var (sending, refused) = (Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)!);
        Rig.Fail(ErrorCode.InvalidRecord, refused);
        var waiting = Rig.AcceptWaiting(Topic, 2);

        var batch = Rig.Take(Topic, isUrgent: true);

        Assert.Equal(waiting, batch.Backlog);
        Assert.Equal([sending, refused], batch.Journal);

        // Nobody sends what leaves memory next.
        Topic.Windows.Update([0]);
        Assert.Equal([refused], Rig.TakeAll(Topic));
    }

    [Fact]
    public void What_a_backlog_file_has_leaves_memory_and_is_pending_still()
    {
        Rig.AcceptWaiting(Topic, 3);
        var file = Write(OutboxFileKind.Backlog);

        Assert.Equal((0, 0L, 0), (Topic.Fresh.Count, Topic.WaitingBytes, Topic.Unwritten.Count));
        Assert.Equal((3, 3, 0), (file.Outstanding, Rig.Outbox.Pending, Rig.Outbox.CountNotDurable()));
    }

    [Fact]
    public void What_a_journal_has_stays_in_memory_until_it_is_acknowledged()
    {
        var messages = new[] { Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)! };
        var journal = Write(OutboxFileKind.Journal);
        Assert.Equal((2, 2, 0), (journal.Outstanding, Rig.Outbox.Pending, Rig.Outbox.CountNotDurable()));
        Assert.True(Rig.Take(Topic, isUrgent: true).IsEmpty);

        Rig.Acknowledge(messages);

        Assert.Equal((0, 0), (journal.Outstanding, Rig.Outbox.Pending));
    }

    /// <summary>This process reads no journals.</summary>
    [Fact]
    public void What_a_client_gives_up_leaves_memory_for_a_backlog_file_although_a_journal_has_it()
    {
        var message = Rig.TryAccept(Topic)!;
        var journal = Write(OutboxFileKind.Journal);
        Rig.Fail(ErrorCode.Local_MsgTimedOut, message);
        Topic.Windows.Update([]);

        var backlog = Write(OutboxFileKind.Backlog);

        Assert.Equal((0, 1), (journal.Outstanding, backlog.Outstanding));
        Assert.Equal((1, 0, 0), (Rig.Outbox.Pending, Topic.Fresh.Count, Rig.Outbox.CountNotDurable()));
    }

    [Fact]
    public void What_is_acknowledged_while_it_is_written_is_none_of_its_file()
    {
        var message = Rig.TryAccept(Topic)!;
        var batch = Rig.Take(Topic, isUrgent: true);
        Rig.Acknowledge(message);
        var journal = Folders.Folders.Create(OutboxFileKind.Journal);

        Rig.Unwritten.Written(batch.Journal, journal);

        Assert.Equal((0, 0, 0), (journal.Outstanding, Rig.Outbox.Pending, Topic.Unwritten.Count));
    }

    [Fact]
    public void What_is_given_up_while_it_is_written_is_written_again_to_leave_memory()
    {
        var message = Rig.TryAccept(Topic)!;
        var batch = Rig.Take(Topic, isUrgent: true);
        Rig.Outbox.Requeue(Rig.Producer.Main);
        var journal = Folders.Folders.Create(OutboxFileKind.Journal);
        Rig.Unwritten.Written(batch.Journal, journal);
        Assert.Equal((1, 0), (journal.Outstanding, Rig.Outbox.CountNotDurable()));

        Assert.Equal([message], Rig.Take(Topic, isUrgent: true).Backlog);
    }

    [Fact]
    public void What_could_not_be_written_comes_again_in_its_order_and_can_be_sent()
    {
        var sending = Rig.TryAccept(Topic)!;
        var waiting = Rig.AcceptWaiting(Topic, 3);
        var batch = Rig.Take(Topic, isUrgent: true);
        var later = Rig.TryAccept(Topic)!;
        Rig.Unwritten.NotWritten([.. batch.Backlog, .. batch.Journal]);

        Assert.Equal(5, Rig.Outbox.CountNotDurable());
        Assert.Equal(500, Topic.WaitingBytes + sending.Value.Length);
        var again = Rig.Take(Topic, isUrgent: true);
        Assert.Equal([.. waiting, later], again.Backlog);
        Assert.Equal([sending], again.Journal);

        Rig.Unwritten.NotWritten([.. again.Backlog, .. again.Journal]);
        Topic.Windows.Update([0]);
        Assert.Equal([.. waiting, later], Rig.TakeAll(Topic));
    }

    [Fact]
    public void Messages_of_a_backlog_file_are_never_written_again()
    {
        var file = Folders.Folders.Create(OutboxFileKind.Backlog);
        Rig.Unwritten.Load(Topic, FoldersUnderTest.Records(0, 3), file);
        Rig.Fail(ErrorCode.Local_MsgTimedOut, Rig.TakeAll(Topic));
        Topic.Windows.Update([]);
        Rig.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.True(Rig.Take(Topic, isUrgent: true).IsEmpty);
    }

    [Fact]
    public void What_was_read_from_files_and_waits_is_bounded_in_number_and_bytes()
    {
        Assert.Equal(4_000, Rig.Unwritten.CountWanted(Topic));
        var file = Folders.Folders.Create(OutboxFileKind.Backlog);
        Rig.Unwritten.Load(Topic, FoldersUnderTest.Records(0, 1_000), file);
        Assert.Equal(3_000, Rig.Unwritten.CountWanted(Topic));

        Rig.Unwritten.Load(Topic, [.. Enumerable.Range(0, 8).Select(i => FoldersUnderTest.Record(i, 1 << 20))], file);
        Assert.Equal(0, Rig.Unwritten.CountWanted(Topic));

        while (Topic.Backlog.Count > 0)
        {
            Rig.Acknowledge(Rig.TakeAll(Topic));
        }

        Assert.Equal(4_000, Rig.Unwritten.CountWanted(Topic));
    }

    /// <summary>One is enough to hear that Kafka takes messages again.</summary>
    [Fact]
    public void A_refused_destination_wants_one_message_of_its_files_when_no_other_is_there_to_try_it_with()
    {
        var message = Rig.TryAccept(Topic)!;
        Rig.Fail(ErrorCode.TopicAuthorizationFailed, message);
        var file = Write(OutboxFileKind.Backlog);

        Assert.Equal(1, Rig.Unwritten.CountWanted(Topic));
        Rig.Unwritten.Load(Topic, FoldersUnderTest.Records(0, 1), file);
        Assert.Equal(0, Rig.Unwritten.CountWanted(Topic));

        Rig.Pass(Topic, 0.5);
        var probe = Rig.Take(Topic);
        Assert.Equal(0, Rig.Unwritten.CountWanted(Topic));
        Rig.Acknowledge(probe);
        Assert.Equal(4_000, Rig.Unwritten.CountWanted(Topic));

        Topic.Windows.Update([]);
        Assert.Equal(0, Rig.Unwritten.CountWanted(Topic));
    }

    // Writes what there is to a file of a kind.
    private OutboxFile Write(OutboxFileKind kind)
    {
        var batch = Rig.Take(Topic, isUrgent: true);
        var file = Folders.Folders.Create(kind);
        var messages = kind == OutboxFileKind.Backlog ? batch.Backlog : batch.Journal;
        Assert.NotEmpty(messages);
        file.Append(FoldersUnderTest.Records(0, messages.Count));
        Rig.Unwritten.Written(messages, file);
        return file;
    }
}
