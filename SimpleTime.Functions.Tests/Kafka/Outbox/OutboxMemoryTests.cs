using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>How much is in memory, and what becomes of what comes then.</summary>
public sealed class OutboxMemoryTests : IAsyncLifetime, IDisposable
{
    // The least that there is room for.
    private const int Room = 1_000;

    private readonly OutboxRig _rig = new(queueMessages: Room, queueKbytes: 1024);
    private readonly OutboxDestination _topic;
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _folders;

    public OutboxMemoryTests()
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
    public void Memory_is_bounded_and_what_comes_then_is_refused_counted_and_told()
    {
        Assert.Equal(Room, _rig.AcceptWaiting(_topic, Room + 100).Count(message => message is not null));

        Assert.Equal((Room, Room), (_rig.Outbox.Pending, _topic.Fresh.Count));
        Assert.Equal((Room, 100), (_rig.Metering.Sum("functions.kafka.output.accepted"), _rig.Metering.Sum("functions.kafka.output.dropped")));
        // It was not accepted, so nothing is lost that a flush should tell.
        Assert.Equal(0, _rig.Outbox.Lost);
        Assert.Equal(1, _rig.Log.Count("dropped"));

        // Room is made by what a client takes.
        _topic.Windows.Update([0]);
        Assert.NotEmpty(_rig.TakeAll(_topic));
        Assert.NotNull(_rig.TryAccept(_topic));
    }

    [Fact]
    public void The_bytes_in_memory_are_bounded()
    {
        Assert.Equal(10, _rig.AcceptWaiting(_topic, 20, 100 * 1024).Count(message => message is not null));
        Assert.Equal(1000 * 1024, _topic.WaitingBytes);
    }

    [Fact]
    public void At_full_memory_the_newest_of_the_destination_that_holds_most_is_dropped_for_another_one()
    {
        var messages = _rig.AcceptWaiting(_topic, Room);
        var other = _rig.Add("other");
        other.Windows.Update([]);

        Assert.NotNull(_rig.TryAccept(other));

        Assert.Equal(OutboxMessageState.Done, messages[^1].State);
        Assert.All(messages.SkipLast(1), message => Assert.Equal(OutboxMessageState.Waiting, message.State));
        Assert.Equal((Room, 1, 1), (_rig.Outbox.Pending, _rig.Outbox.Lost, _rig.Metering.Sum("functions.kafka.output.dropped")));
        Assert.Equal(Room, _rig.Outbox.CountNotDurable());
    }

    [Fact]
    public void At_full_memory_nothing_that_a_file_has_is_dropped()
    {
        var messages = _rig.AcceptWaiting(_topic, Room);
        var journal = _folders.Folders.Create(OutboxFileKind.Journal);
        _rig.Unwritten.Written(messages[10..], journal);
        var other = _rig.Add("other");
        other.Windows.Update([]);

        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => _rig.TryAccept(other) is not null));

        Assert.All(messages[..10], message => Assert.Equal(OutboxMessageState.Done, message.State));
        Assert.All(messages[10..], message => Assert.Equal(OutboxMessageState.Waiting, message.State));
    }

    /// <summary>However small what is dropped for it is.</summary>
    [Fact]
    public void Memory_stays_bounded_when_large_messages_come_where_small_ones_are()
    {
        _rig.AcceptWaiting(_topic, Room, 1_000);
        var other = _rig.Add("other");
        other.Windows.Update([]);

        for (var i = 0; i < 100; i++)
        {
            _rig.TryAccept(other, 50 * 1024);
            Assert.InRange(_topic.WaitingBytes + other.WaitingBytes, 0, 1024 * 1024);
        }

        // Neither has more than the other, but for one message.
        Assert.InRange(other.WaitingBytes, _topic.WaitingBytes - (51 * 1024), _topic.WaitingBytes + (51 * 1024));
        Assert.Equal(_rig.Outbox.Pending, _topic.Fresh.Count + other.Fresh.Count);
        Assert.Equal(Room - _topic.Fresh.Count, _rig.Outbox.Lost);
    }

    [Fact]
    public void A_value_that_no_client_takes_is_refused_at_once_and_counted()
    {
        Assert.Null(_rig.TryAccept(_topic, 1_100_000));

        Assert.Equal((0, 0), (_rig.Outbox.Pending, _rig.Outbox.Lost));
        Assert.Equal(1, _rig.Metering.Sum("functions.kafka.output.dropped"));
    }
}
