using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>How much is in memory, and what becomes of what comes then.</summary>
public sealed class OutboxMemoryTests : OutboxFilesTest
{
    // The least that there is room for.
    private const int Room = 1_000;

    public OutboxMemoryTests()
        : base(new OutboxRig(queueMessages: Room, queueKbytes: 1024))
    {
    }

    [Fact]
    public void Memory_is_bounded_and_what_comes_then_is_refused_counted_and_told()
    {
        Assert.Equal(Room, Rig.AcceptWaiting(Topic, Room + 100).Count(message => message is not null));

        Assert.Equal((Room, Room), (Rig.Outbox.Pending, Topic.Fresh.Count));
        Assert.Equal((Room, 100), (Rig.Metering.Sum("functions.kafka.output.accepted"), Rig.Metering.Sum("functions.kafka.output.dropped")));
        // It was not accepted, so nothing is lost that a flush should tell.
        Assert.Equal(0, Rig.Outbox.Lost);
        Assert.Equal(1, Rig.Log.Count("dropped"));

        // Room is made by what a client takes.
        Topic.Windows.Update([0]);
        Assert.NotEmpty(Rig.TakeAll(Topic));
        Assert.NotNull(Rig.TryAccept(Topic));
    }

    [Fact]
    public void The_bytes_in_memory_are_bounded()
    {
        Assert.Equal(10, Rig.AcceptWaiting(Topic, 20, 100 * 1024).Count(message => message is not null));
        Assert.Equal(1000 * 1024, Topic.WaitingBytes);
    }

    [Fact]
    public void At_full_memory_the_newest_of_the_destination_that_holds_most_is_dropped_for_another_one()
    {
        var messages = Rig.AcceptWaiting(Topic, Room);
        var other = Rig.Add("other");
        other.Windows.Update([]);

        Assert.NotNull(Rig.TryAccept(other));

        Assert.Equal(OutboxMessageState.Done, messages[^1].State);
        Assert.All(messages.SkipLast(1), message => Assert.Equal(OutboxMessageState.Waiting, message.State));
        Assert.Equal((Room, 1, 1), (Rig.Outbox.Pending, Rig.Outbox.Lost, Rig.Metering.Sum("functions.kafka.output.dropped")));
        Assert.Equal(Room, Rig.Outbox.CountNotDurable());
    }

    [Fact]
    public void At_full_memory_nothing_that_a_file_has_is_dropped()
    {
        var messages = Rig.AcceptWaiting(Topic, Room);
        var journal = Folders.Folders.Create(OutboxFileKind.Journal);
        Rig.Unwritten.Written(messages[10..], journal);
        var other = Rig.Add("other");
        other.Windows.Update([]);

        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => Rig.TryAccept(other) is not null));

        Assert.All(messages[..10], message => Assert.Equal(OutboxMessageState.Done, message.State));
        Assert.All(messages[10..], message => Assert.Equal(OutboxMessageState.Waiting, message.State));
    }

    /// <summary>However small what is dropped for it is.</summary>
    [Fact]
    public void Memory_stays_bounded_when_large_messages_come_where_small_ones_are()
    {
        Rig.AcceptWaiting(Topic, Room, 1_000);
        var other = Rig.Add("other");
        other.Windows.Update([]);

        for (var i = 0; i < 100; i++)
        {
            Rig.TryAccept(other, 50 * 1024);
            Assert.InRange(Topic.WaitingBytes + other.WaitingBytes, 0, 1024 * 1024);
        }

        // Neither has more than the other, but for one message.
        Assert.InRange(other.WaitingBytes, Topic.WaitingBytes - (51 * 1024), Topic.WaitingBytes + (51 * 1024));
        Assert.Equal(Rig.Outbox.Pending, Topic.Fresh.Count + other.Fresh.Count);
        Assert.Equal(Room - Topic.Fresh.Count, Rig.Outbox.Lost);
    }

    [Fact]
    public void A_value_that_no_client_takes_is_refused_at_once_and_counted()
    {
        Assert.Null(Rig.TryAccept(Topic, 1_100_000));

        Assert.Equal((0, 0), (Rig.Outbox.Pending, Rig.Outbox.Lost));
        Assert.Equal(1, Rig.Metering.Sum("functions.kafka.output.dropped"));
    }
}
