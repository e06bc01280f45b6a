using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What a flush counts.</summary>
public sealed class DurabilityCountsTests
{
    private readonly DurabilityCounts _counts = new();

    [Fact]
    public void A_flush_counts_what_came_before_it_and_no_more()
    {
        var messages = Add(3);
        var first = _counts.Mark();
        var later = Add(2);
        var second = _counts.Mark();
        Add(1);
        Assert.Equal((3, 5, 6), (_counts.CountUpTo(first), _counts.CountUpTo(second), _counts.Total));

        // In any order.
        _counts.Remove(later[0]);
        _counts.Remove(messages[2]);
        Assert.Equal((2, 3, 4), (_counts.CountUpTo(first), _counts.CountUpTo(second), _counts.Total));

        _counts.Remove(messages[0]);
        _counts.Remove(messages[1]);
        Assert.Equal((0, 1, 2), (_counts.CountUpTo(first), _counts.CountUpTo(second), _counts.Total));
        Assert.Equal(2, _counts.CountUpTo(long.MaxValue));
    }

    [Fact]
    public void A_flush_of_nothing_does_not_wait_for_what_comes_after_it()
    {
        var first = _counts.Mark();
        var message = Add(1)[0];
        Assert.Equal(0, _counts.CountUpTo(first));

        _counts.Remove(message);
        var second = _counts.Mark();
        Add(1);
        Assert.Equal((0, 0, 1), (_counts.CountUpTo(first), _counts.CountUpTo(second), _counts.Total));
    }

    [Fact]
    public void A_message_is_counted_once()
    {
        var message = Add(1)[0];

        _counts.Remove(message);
        _counts.Remove(message);

        Assert.Equal((0, 0), (_counts.Total, _counts.CountUpTo(long.MaxValue)));
    }

    private OutboxMessage[] Add(int count)
    {
        // Nothing is asked of the destination here.
        var messages = Enumerable.Range(0, count).Select(_ => new OutboxMessage(null!, [], null, 0)).ToArray();
        Array.ForEach(messages, _counts.Add);
        return messages;
    }
}
