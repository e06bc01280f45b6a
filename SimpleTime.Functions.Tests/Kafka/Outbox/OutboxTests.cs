using System.Diagnostics;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What is accepted, sent, given up and counted.</summary>
public sealed class OutboxTests : IAsyncLifetime, IDisposable
{
    // The least that there is room for.
    private const int Room = 1_000;

    private readonly OutboxRig _rig = new(queueMessages: Room, queueKbytes: 1024);
    private readonly OutboxDestination _topic;
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _folders;

    public OutboxTests()
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
    public void The_age_is_that_of_the_oldest_message_in_whatever_order_they_end()
    {
        Assert.Equal(TimeSpan.Zero, _rig.Messages.OldestAge);
        var oldest = _rig.TryAccept(_topic)!;
        _rig.Time.Advance(TimeSpan.FromSeconds(10));
        var waiting = _rig.AcceptWaiting(_topic, 1)[0];
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        _topic.Windows.Update([0]);
        var newest = _rig.TryAccept(_topic)!;
        Assert.Equal(TimeSpan.FromSeconds(15), _rig.Messages.OldestAge);

        // It waits again, behind the others.
        _rig.Fail(ErrorCode.TopicAuthorizationFailed, oldest);
        Assert.Equal(TimeSpan.FromSeconds(15), _rig.Messages.OldestAge);

        _rig.Messages.End(newest);
        _rig.Messages.End(oldest);
        Assert.Equal(TimeSpan.FromSeconds(5), _rig.Messages.OldestAge);

        _rig.Messages.End(waiting);
        Assert.Equal(TimeSpan.Zero, _rig.Messages.OldestAge);
    }

    [Fact]
    public void A_message_goes_to_its_client_at_once_where_nothing_waits()
    {
        var first = _rig.TryAccept(_topic)!;
        Assert.Equal((OutboxMessageState.Sending, _rig.Producer.Main), (first.State, first.Client));

        var waiting = _rig.AcceptWaiting(_topic, 1)[0];
        _topic.Windows.Update([0]);
        Assert.Equal(OutboxMessageState.Waiting, _rig.TryAccept(_topic)!.State);
        Assert.Same(waiting, _rig.Take(_topic));
    }

    [Fact]
    public void Messages_are_sent_in_the_order_in_which_they_came()
    {
        var messages = _rig.AcceptWaiting(_topic, 50);
        _topic.Windows.Update([0]);

        Assert.Equal(messages, _rig.TakeAll(_topic));
    }

    [Fact]
    public void Fresh_messages_and_those_of_files_take_turns_while_both_wait()
    {
        _rig.AcceptWaiting(_topic, 30);
        Load(_topic, 20);
        _topic.Windows.Update([0]);

        var taken = _rig.TakeAll(_topic);

        Assert.Equal(50, taken.Count);
        Assert.Equal(20, taken.Take(40).Count(message => message.IsLoaded));
        Assert.All(Enumerable.Range(0, 20), i => Assert.NotEqual(taken[2 * i].IsLoaded, taken[(2 * i) + 1].IsLoaded));
    }

    [Fact]
    public void No_more_than_half_of_the_clients_queue_is_on_its_way()
    {
        _topic.Windows.Update([.. Enumerable.Range(0, 100)]);
        for (var i = 0; i < Room; i++)
        {
            Assert.NotNull(_rig.TryAccept(_topic));
        }

        Assert.Equal(Room / 2, _topic.Sending.Count);
        _rig.Acknowledge(_topic.Sending.First!.Value);
        Assert.Single(_rig.TakeAll(_topic));
        Assert.Equal(Room / 2, _topic.Sending.Count);
    }

    [Fact]
    public void No_more_than_half_of_its_bytes_is_on_its_way_unless_it_is_a_single_message()
    {
        var large = _rig.TryAccept(_topic, 900 * 1024)!;
        Assert.Equal(OutboxMessageState.Sending, large.State);
        Assert.Equal(OutboxMessageState.Waiting, _rig.TryAccept(_topic, 100)!.State);
        _rig.Acknowledge(large);

        for (var i = 0; i < 8; i++)
        {
            Assert.NotNull(_rig.TryAccept(_topic, 100 * 1024));
            _rig.TakeAll(_topic);
        }

        Assert.Equal(512 / 100, _topic.Sending.Count(message => message.Value.Length > 100));
    }

    [Fact]
    public void What_a_client_gives_up_waits_again_in_its_order_and_once()
    {
        var messages = new List<OutboxMessage> { _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)! };
        messages.AddRange(_rig.AcceptWaiting(_topic, 2));

        _rig.Outbox.GiveUp(_rig.Producer.Main);
        _rig.Outbox.GiveUp(_rig.Producer.Main);

        // A report that comes too late is none.
        _rig.Acknowledge(messages[0]);
        Assert.Equal(5, _rig.Outbox.Pending);
        _topic.Windows.Update([0]);
        Assert.Equal(messages, _rig.TakeAll(_topic));
    }

    [Fact]
    public void What_one_client_gives_up_is_not_the_others()
    {
        var refused = _rig.TryAccept(_topic)!;
        _rig.Fail(ErrorCode.InvalidRecord, refused);
        Assert.Same(refused, _rig.Take(_topic));
        var batched = _rig.TryAccept(_topic)!;

        _rig.Outbox.GiveUp(_rig.Producer.Single!);

        Assert.Equal((OutboxMessageState.Waiting, OutboxMessageState.Sending), (refused.State, batched.State));
    }

    [Fact]
    public void A_message_that_timed_out_waits_in_front_of_the_others()
    {
        var first = _rig.TryAccept(_topic)!;
        _rig.AcceptWaiting(_topic, 2);
        _rig.Fail(ErrorCode.Local_MsgTimedOut, first);
        _topic.Windows.Update([0]);

        Assert.Same(first, _rig.Take(_topic));
    }

    [Fact]
    public void A_message_of_a_file_that_is_given_up_stays_one_of_its_file()
    {
        var file = Load(_topic, 1);
        var message = _rig.Take(_topic);
        _rig.Fail(ErrorCode.Local_MsgTimedOut, message);
        _rig.Outbox.GiveUp(_rig.Producer.Main);

        Assert.Same(message, Assert.Single(_topic.Backlog));
        Assert.Empty(_topic.Unwritten);
        Assert.Equal((1, 1), (file.Outstanding, _rig.Outbox.Pending));

        _rig.Acknowledge(_rig.Take(_topic));
        Assert.Equal((0, 0), (file.Outstanding, _rig.Outbox.Pending));
    }

    [Fact]
    public void A_stuck_partition_gets_a_message_through_the_second_client()
    {
        _topic.Windows.Update([0]);
        _rig.TryAccept(_topic);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        _topic.Windows.Check(_rig.Now);
        _rig.TryAccept(_topic);
        Assert.Null(_rig.Outbox.Take(_topic));

        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        var probe = _rig.Take(_topic);
        Assert.Equal((_rig.Producer.Single, 0), (probe.Client, probe.Window!.Id));

        _rig.Acknowledge(probe);
        Assert.Equal(OutboxMessageState.Sending, _rig.TryAccept(_topic)!.State);
    }

    [Fact]
    public void A_partition_that_the_client_does_not_know_is_left_alone_and_its_message_goes_to_another()
    {
        _topic.Windows.Update([0, 1]);
        var message = _rig.TryAccept(_topic)!;
        var unknown = message.Window!;
        _rig.Outbox.OnRefused(message, new Error(ErrorCode.Local_UnknownPartition));

        Assert.Same(message, _rig.Take(_topic));
        Assert.NotSame(unknown, message.Window);
        Assert.Equal((0, false), (unknown.Sending, unknown.IsOpen(100, _rig.Now)));
    }

    [Fact]
    public void A_flush_counts_what_neither_Kafka_nor_a_file_has_of_what_came_before_it()
    {
        var messages = _rig.AcceptWaiting(_topic, 4);
        var mark = _rig.Outbox.Mark();
        _rig.TryAccept(_topic);
        Assert.Equal((4, 5), (_rig.Outbox.CountNotDurable(mark), _rig.Outbox.CountNotDurable()));

        _topic.Windows.Update([0]);
        _rig.Acknowledge(_rig.Take(_topic));
        _rig.Unwritten.Written([messages[1]], _folders.Folders.Create(OutboxFileKind.Journal));
        _rig.Unwritten.Written([messages[2]], _folders.Folders.Create(OutboxFileKind.Backlog));
        Assert.Equal((1, 2, 4), (_rig.Outbox.CountNotDurable(mark), _rig.Outbox.CountNotDurable(), _rig.Outbox.Pending));
    }

    /// <summary>Whoever flushes holds the lock that every request needs.</summary>
    [Fact]
    public async Task A_flush_costs_no_more_with_20_000_pending_than_with_20()
    {
        await using var rig = new OutboxRig();
        var topic = rig.Add("topic");
        rig.AcceptWaiting(topic, 20);
        Measure();
        var few = Measure();

        rig.AcceptWaiting(topic, 19_980);

        Assert.InRange(Measure(), TimeSpan.Zero, (few * 20) + TimeSpan.FromMilliseconds(1));

        // The best of some, as others use the machine. Each is 50 callers, some of whom asked before.
        TimeSpan Measure() => Enumerable.Range(0, 10).Min(_ =>
        {
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < 50; i++)
            {
                Assert.InRange(rig.Outbox.CountNotDurable(rig.Outbox.Mark()), 1, 20_000);
            }

            return Stopwatch.GetElapsedTime(since);
        });
    }

    // Has messages wait that a file has.
    private OutboxFile Load(OutboxDestination destination, int count)
    {
        var file = _folders.Folders.Create(OutboxFileKind.Backlog);
        _rig.Unwritten.Load(destination, FoldersUnderTest.Records(0, count), file);
        return file;
    }
}
