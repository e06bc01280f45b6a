using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What the writer is given to write, and what becomes of messages meanwhile.</summary>
public sealed class UnwrittenMessagesTests : IAsyncLifetime, IDisposable
{
    private const int Room = 1_000;

    private readonly OutboxRig _rig = new(queueMessages: Room);
    private readonly OutboxDestination _topic;
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _folders;

    public UnwrittenMessagesTests()
    {
        _topic = _rig.Add("topic");
        _folders = new FoldersUnderTest(_folder.Combine("outbox"));
        _folders.Folders.Open();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    public void Dispose()
    {
        _rig.Dispose();
        _folders.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_acknowledged_within_100_ms_is_never_written()
    {
        var messages = new[] { _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)! };
        _rig.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.True(_rig.Take(_topic, isUrgent: false).IsEmpty);
        _rig.Acknowledge(messages[0]);

        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([messages[1]], _rig.Take(_topic, isUrgent: false).Journal);
    }

    [Fact]
    public void Messages_of_any_age_are_written_at_a_flush() =>
        Assert.Equal([_rig.TryAccept(_topic)!], _rig.Take(_topic, isUrgent: true).Journal);

    [Fact]
    public void Messages_of_any_age_are_written_while_their_topic_takes_none()
    {
        var message = _rig.TryAccept(_topic)!;
        _rig.Fail(ErrorCode.TopicAuthorizationFailed, message);
        Assert.Equal([message], _rig.Take(_topic, isUrgent: false).Backlog);

        var other = _rig.Add("other");
        var waiting = _rig.AcceptWaiting(other, 1);
        Assert.Equal(waiting, _rig.Take(other, isUrgent: false).Backlog);
    }

    [Fact]
    public void Messages_of_any_age_are_written_while_memory_is_half_full()
    {
        _rig.AcceptWaiting(_topic, (Room / 2) - 1);
        _topic.Windows.Update([0]);
        Assert.True(_rig.Take(_topic, isUrgent: false).IsEmpty);
        _rig.TryAccept(_topic);

        Assert.Equal(Room / 2, _rig.Take(_topic, isUrgent: false).Backlog.Count);
    }

    [Fact]
    public void What_waits_is_for_a_backlog_file_and_what_is_on_its_way_or_was_refused_for_a_journal()
    {
        var (sending, refused) = (_rig.TryAccept(_topic)!, _rig.TryAccept(_topic)!);
        _rig.Fail(ErrorCode.InvalidRecord, refused);
        var waiting = _rig.AcceptWaiting(_topic, 2);

        var batch = _rig.Take(_topic, isUrgent: true);

        Assert.Equal(waiting, batch.Backlog);
        Assert.Equal([sending, refused], batch.Journal);

        // Nobody sends what leaves memory next.
        _topic.Windows.Update([0]);
        Assert.Equal([refused], _rig.TakeAll(_topic));
    }

    [Fact]
    public void What_a_backlog_file_has_leaves_memory_and_is_pending_still()
    {
        _rig.AcceptWaiting(_topic, 3);
        var file = Write(OutboxFileKind.Backlog);

        Assert.Equal((0, 0L, 0), (_topic.Fresh.Count, _topic.WaitingBytes, _topic.Unwritten.Count));
        Assert.Equal((3, 3, 0), (file.Outstanding, _rig.Outbox.Pending, _rig.Outbox.CountNotDurable()));
    }

    [Fact]
    public void What_a_journal_has_stays_in_memory_until_it_is_acknowledged()
    {
        var messages = new[] { _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)! };
        var journal = Write(OutboxFileKind.Journal);
        Assert.Equal((2, 2, 0), (journal.Outstanding, _rig.Outbox.Pending, _rig.Outbox.CountNotDurable()));
        Assert.True(_rig.Take(_topic, isUrgent: true).IsEmpty);

        _rig.Acknowledge(messages);

        Assert.Equal((0, 0), (journal.Outstanding, _rig.Outbox.Pending));
    }

    /// <summary>This process reads no journals.</summary>
    [Fact]
    public void What_a_client_gives_up_leaves_memory_for_a_backlog_file_although_a_journal_has_it()
    {
        var message = _rig.TryAccept(_topic)!;
        var journal = Write(OutboxFileKind.Journal);
        _rig.Fail(ErrorCode.Local_MsgTimedOut, message);
        _topic.Windows.Update([]);

        var backlog = Write(OutboxFileKind.Backlog);

        Assert.Equal((0, 1), (journal.Outstanding, backlog.Outstanding));
        Assert.Equal((1, 0, 0), (_rig.Outbox.Pending, _topic.Fresh.Count, _rig.Outbox.CountNotDurable()));
    }

    [Fact]
    public void What_is_acknowledged_while_it_is_written_is_none_of_its_file()
    {
        var message = _rig.TryAccept(_topic)!;
        var batch = _rig.Take(_topic, isUrgent: true);
        _rig.Acknowledge(message);
        var journal = _folders.Folders.Create(OutboxFileKind.Journal);

        _rig.Unwritten.Written(batch.Journal, journal);

        Assert.Equal((0, 0, 0), (journal.Outstanding, _rig.Outbox.Pending, _topic.Unwritten.Count));
    }

    [Fact]
    public void What_is_given_up_while_it_is_written_is_written_again_to_leave_memory()
    {
        var message = _rig.TryAccept(_topic)!;
        var batch = _rig.Take(_topic, isUrgent: true);
        _rig.Outbox.GiveUp(_rig.Producer.Main);
        var journal = _folders.Folders.Create(OutboxFileKind.Journal);
        _rig.Unwritten.Written(batch.Journal, journal);
        Assert.Equal((1, 0), (journal.Outstanding, _rig.Outbox.CountNotDurable()));

        Assert.Equal([message], _rig.Take(_topic, isUrgent: true).Backlog);
    }

    [Fact]
    public void What_could_not_be_written_comes_again_in_its_order_and_can_be_sent()
    {
        var sending = _rig.TryAccept(_topic)!;
        var waiting = _rig.AcceptWaiting(_topic, 3);
        var batch = _rig.Take(_topic, isUrgent: true);
        var later = _rig.TryAccept(_topic)!;
        _rig.Unwritten.NotWritten([.. batch.Backlog, .. batch.Journal]);

        Assert.Equal(5, _rig.Outbox.CountNotDurable());
        Assert.Equal(500, _topic.WaitingBytes + sending.Value.Length);
        var again = _rig.Take(_topic, isUrgent: true);
        Assert.Equal([.. waiting, later], again.Backlog);
        Assert.Equal([sending], again.Journal);

        _rig.Unwritten.NotWritten([.. again.Backlog, .. again.Journal]);
        _topic.Windows.Update([0]);
        Assert.Equal([.. waiting, later], _rig.TakeAll(_topic));
    }

    [Fact]
    public void Messages_of_a_backlog_file_are_never_written_again()
    {
        var file = _folders.Folders.Create(OutboxFileKind.Backlog);
        _rig.Unwritten.Load(_topic, FoldersUnderTest.Records(0, 3), file);
        _rig.Fail(ErrorCode.Local_MsgTimedOut, _rig.TakeAll(_topic));
        _topic.Windows.Update([]);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.True(_rig.Take(_topic, isUrgent: true).IsEmpty);
    }

    [Fact]
    public void What_was_read_from_files_and_waits_is_bounded_in_number_and_bytes()
    {
        Assert.Equal(4_000, _rig.Unwritten.CountWanted(_topic));
        var file = _folders.Folders.Create(OutboxFileKind.Backlog);
        _rig.Unwritten.Load(_topic, FoldersUnderTest.Records(0, 1_000), file);
        Assert.Equal(3_000, _rig.Unwritten.CountWanted(_topic));

        _rig.Unwritten.Load(_topic, [.. Enumerable.Range(0, 8).Select(i => FoldersUnderTest.Record(i, 1 << 20))], file);
        Assert.Equal(0, _rig.Unwritten.CountWanted(_topic));

        while (_topic.Backlog.Count > 0)
        {
            _rig.Acknowledge(_rig.TakeAll(_topic));
        }

        Assert.Equal(4_000, _rig.Unwritten.CountWanted(_topic));
    }

    /// <summary>One is enough to hear that Kafka takes messages again.</summary>
    [Fact]
    public void A_refused_destination_wants_one_message_of_its_files_when_no_other_is_there_to_try_it_with()
    {
        var message = _rig.TryAccept(_topic)!;
        _rig.Fail(ErrorCode.TopicAuthorizationFailed, message);
        var file = Write(OutboxFileKind.Backlog);

        Assert.Equal(1, _rig.Unwritten.CountWanted(_topic));
        _rig.Unwritten.Load(_topic, FoldersUnderTest.Records(0, 1), file);
        Assert.Equal(0, _rig.Unwritten.CountWanted(_topic));

        _rig.Pass(_topic, 0.5);
        var probe = _rig.Take(_topic);
        Assert.Equal(0, _rig.Unwritten.CountWanted(_topic));
        _rig.Acknowledge(probe);
        Assert.Equal(4_000, _rig.Unwritten.CountWanted(_topic));

        _topic.Windows.Update([]);
        Assert.Equal(0, _rig.Unwritten.CountWanted(_topic));
    }

    // Writes what there is to a file of a kind.
    private OutboxFile Write(OutboxFileKind kind)
    {
        var batch = _rig.Take(_topic, isUrgent: true);
        var file = _folders.Folders.Create(kind);
        var messages = kind == OutboxFileKind.Backlog ? batch.Backlog : batch.Journal;
        Assert.NotEmpty(messages);
        file.Append(FoldersUnderTest.Records(0, messages.Count));
        _rig.Unwritten.Written(messages, file);
        return file;
    }
}
