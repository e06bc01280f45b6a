using System.Diagnostics;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What is accepted, sent, given up and counted.</summary>
public sealed class OutboxTests : OutboxFilesTest
{
    // The least that there is room for.
    private const int Room = 1_000;

    public OutboxTests()
        : base(new OutboxRig(queueMessages: Room, queueKbytes: 1024))
    {
    }

    [Fact]
    public void The_age_is_that_of_the_oldest_message_in_whatever_order_they_end()
    {
        Assert.Equal(TimeSpan.Zero, Rig.Messages.OldestAge);
        var oldest = Rig.TryAccept(Topic)!;
        Rig.Time.Advance(TimeSpan.FromSeconds(10));
        var waiting = Rig.AcceptWaiting(Topic, 1)[0];
        Rig.Time.Advance(TimeSpan.FromSeconds(5));
        Topic.Windows.Update([0]);
        var newest = Rig.TryAccept(Topic)!;
        Assert.Equal(TimeSpan.FromSeconds(15), Rig.Messages.OldestAge);

        // It waits again, behind the others.
        Rig.Fail(ErrorCode.TopicAuthorizationFailed, oldest);
        Assert.Equal(TimeSpan.FromSeconds(15), Rig.Messages.OldestAge);

        Rig.Messages.End(newest);
        Rig.Messages.End(oldest);
        Assert.Equal(TimeSpan.FromSeconds(5), Rig.Messages.OldestAge);

        Rig.Messages.End(waiting);
        Assert.Equal(TimeSpan.Zero, Rig.Messages.OldestAge);
    }

    [Fact]
    public void A_message_goes_to_its_client_at_once_where_nothing_waits()
    {
        var first = Rig.TryAccept(Topic)!;
        Assert.Equal((OutboxMessageState.Sending, Rig.Producer.Main), (first.State, first.Client));

        var waiting = Rig.AcceptWaiting(Topic, 1)[0];
        Topic.Windows.Update([0]);
        Assert.Equal(OutboxMessageState.Waiting, Rig.TryAccept(Topic)!.State);
        Assert.Same(waiting, Rig.Take(Topic));
    }

    [Fact]
    public void Messages_are_sent_in_the_order_in_which_they_came()
    {
        var messages = Rig.AcceptWaiting(Topic, 50);
        Topic.Windows.Update([0]);

        Assert.Equal(messages, Rig.TakeAll(Topic));
    }

    [Fact]
    public void Fresh_messages_and_those_of_files_take_turns_while_both_wait()
    {
        Rig.AcceptWaiting(Topic, 30);
        Load(Topic, 20);
        Topic.Windows.Update([0]);

        var taken = Rig.TakeAll(Topic);

        Assert.Equal(50, taken.Count);
        Assert.Equal(20, taken.Take(40).Count(message => message.IsLoaded));
        Assert.All(Enumerable.Range(0, 20), i => Assert.NotEqual(taken[2 * i].IsLoaded, taken[(2 * i) + 1].IsLoaded));
    }

    [Fact]
    public void No_more_than_half_of_the_clients_queue_is_on_its_way()
    {
        Topic.Windows.Update([.. Enumerable.Range(0, 100)]);
        for (var i = 0; i < Room; i++)
        {
            Assert.NotNull(Rig.TryAccept(Topic));
        }

        Assert.Equal(Room / 2, Topic.Sending.Count);
        Rig.Acknowledge(Topic.Sending.First!.Value);
        Assert.Single(Rig.TakeAll(Topic));
        Assert.Equal(Room / 2, Topic.Sending.Count);
    }

    [Fact]
    public void No_more_than_half_of_its_bytes_is_on_its_way_unless_it_is_a_single_message()
    {
        var large = Rig.TryAccept(Topic, 900 * 1024)!;
        Assert.Equal(OutboxMessageState.Sending, large.State);
        Assert.Equal(OutboxMessageState.Waiting, Rig.TryAccept(Topic, 100)!.State);
        Rig.Acknowledge(large);

        for (var i = 0; i < 8; i++)
        {
            Assert.NotNull(Rig.TryAccept(Topic, 100 * 1024));
            Rig.TakeAll(Topic);
        }

        Assert.Equal(512 / 100, Topic.Sending.Count(message => message.Value.Length > 100));
    }

    [Fact]
    public void What_a_client_gives_up_waits_again_in_its_order_and_once()
    {
        var messages = new List<OutboxMessage> { Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)! };
        messages.AddRange(Rig.AcceptWaiting(Topic, 2));

        Rig.Outbox.Requeue(Rig.Producer.Main);
        Rig.Outbox.Requeue(Rig.Producer.Main);

        // A report that comes too late is none.
        Rig.Acknowledge(messages[0]);
        Assert.Equal(5, Rig.Outbox.Pending);
        Topic.Windows.Update([0]);
        Assert.Equal(messages, Rig.TakeAll(Topic));
    }

    [Fact]
    public void What_one_client_gives_up_is_not_the_others()
    {
        var refused = Rig.TryAccept(Topic)!;
        Rig.Fail(ErrorCode.InvalidRecord, refused);
        Assert.Same(refused, Rig.Take(Topic));
        var batched = Rig.TryAccept(Topic)!;

        Rig.Outbox.Requeue(Rig.Producer.Single!);

        Assert.Equal((OutboxMessageState.Waiting, OutboxMessageState.Sending), (refused.State, batched.State));
    }

    [Fact]
    public void A_message_that_timed_out_waits_in_front_of_the_others()
    {
        var first = Rig.TryAccept(Topic)!;
        Rig.AcceptWaiting(Topic, 2);
        Rig.Fail(ErrorCode.Local_MsgTimedOut, first);
        Topic.Windows.Update([0]);

        Assert.Same(first, Rig.Take(Topic));
    }

    [Fact]
    public void A_message_of_a_file_that_is_given_up_stays_one_of_its_file()
    {
        var file = Load(Topic, 1);
        var message = Rig.Take(Topic);
        Rig.Fail(ErrorCode.Local_MsgTimedOut, message);
        Rig.Outbox.Requeue(Rig.Producer.Main);

        Assert.Same(message, Assert.Single(Topic.Backlog));
        Assert.Empty(Topic.Unwritten);
        Assert.Equal((1, 1), (file.Outstanding, Rig.Outbox.Pending));

        Rig.Acknowledge(Rig.Take(Topic));
        Assert.Equal((0, 0), (file.Outstanding, Rig.Outbox.Pending));
    }

    [Fact]
    public void A_stuck_partition_gets_a_message_through_the_second_client()
    {
        Topic.Windows.Update([0]);
        Rig.TryAccept(Topic);
        Rig.Time.Advance(TimeSpan.FromSeconds(2));
        Topic.Windows.Check(Rig.Now);
        Rig.TryAccept(Topic);
        Assert.Null(Rig.Outbox.Take(Topic));

        Rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        var probe = Rig.Take(Topic);
        Assert.Equal((Rig.Producer.Single, 0), (probe.Client, probe.Window!.Id));

        Rig.Acknowledge(probe);
        Assert.Equal(OutboxMessageState.Sending, Rig.TryAccept(Topic)!.State);
    }

    [Fact]
    public void A_partition_that_the_client_does_not_know_is_left_alone_and_its_message_goes_to_another()
    {
        Topic.Windows.Update([0, 1]);
        var message = Rig.TryAccept(Topic)!;
        var unknown = message.Window!;
        Rig.Outbox.OnRefused(message, new Error(ErrorCode.Local_UnknownPartition));

        Assert.Same(message, Rig.Take(Topic));
        Assert.NotSame(unknown, message.Window);
        Assert.Equal((0, false), (unknown.Sending, unknown.IsOpen(100, Rig.Now)));
    }

    [Fact]
    public void A_flush_counts_what_neither_Kafka_nor_a_file_has_of_what_came_before_it()
    {
        var messages = Rig.AcceptWaiting(Topic, 4);
        var mark = Rig.Outbox.Mark();
        Rig.TryAccept(Topic);
        Assert.Equal((4, 5), (Rig.Outbox.CountNotDurable(mark), Rig.Outbox.CountNotDurable()));

        Topic.Windows.Update([0]);
        Rig.Acknowledge(Rig.Take(Topic));
        Rig.Unwritten.Written([messages[1]], Folders.Folders.Create(OutboxFileKind.Journal));
        Rig.Unwritten.Written([messages[2]], Folders.Folders.Create(OutboxFileKind.Backlog));
        Assert.Equal((1, 2, 4), (Rig.Outbox.CountNotDurable(mark), Rig.Outbox.CountNotDurable(), Rig.Outbox.Pending));
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
        var file = Folders.Folders.Create(OutboxFileKind.Backlog);
        Rig.Unwritten.Load(destination, FoldersUnderTest.Records(0, count), file);
        return file;
    }
}
