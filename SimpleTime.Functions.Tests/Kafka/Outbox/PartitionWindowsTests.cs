using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>The choice of the partition, and how many messages each may have on their way.</summary>
public sealed class PartitionWindowsTests
{
    private const int FirstLimit = 128;
    private const int Most = 3_000;

    private static readonly TimeSpan _batchTime = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();
    private readonly PartitionWindows _windows;

    public PartitionWindowsTests()
    {
        _windows = new PartitionWindows(_batchTime, Most, _time);
        _windows.Update([0, 1, 2]);
    }

    private long Now => _time.GetTimestamp();

    [Fact]
    public void A_partition_is_kept_for_as_long_as_a_batch_and_then_the_one_with_the_fewest_on_their_way_is_chosen()
    {
        var first = Send();
        _time.Advance(_batchTime / 2);
        Assert.Same(first, Send());

        _time.Advance(_batchTime / 2);
        var second = Send();
        Assert.NotSame(first, second);

        _time.Advance(_batchTime);
        var third = Send();
        Assert.Equal([0, 1, 2], new[] { first.Id, second.Id, third.Id }.Order());

        // Two, one and one are on their way.
        second.Acknowledged(Now);
        _time.Advance(_batchTime);
        Assert.Same(second, Send());
    }

    [Fact]
    public void All_partitions_are_used_also_when_each_message_is_acknowledged_before_the_next()
    {
        var used = new int[3];
        for (var i = 0; i < 30; i++)
        {
            var window = Send();
            used[window.Id]++;
            window.Acknowledged(Now);
            _time.Advance(_batchTime);
        }

        Assert.Equal([10, 10, 10], used);
    }

    [Fact]
    public void Few_messages_are_on_their_way_at_first()
    {
        Assert.Equal(3 * FirstLimit, Fill());
        Assert.Null(_windows.Choose(Now));
    }

    [Fact]
    public void Each_acknowledgement_allows_one_more_up_to_the_share_of_a_partition_that_has_a_leader()
    {
        _windows.Update([1]);
        var sent = Fill();
        Assert.Equal(FirstLimit, sent);

        // Two are sent for each that is acknowledged, until the bound.
        var window = _windows.ChooseAny()!;
        for (var i = 0; i < 2 * Most; i++)
        {
            window.Acknowledged(Now);
            sent = Math.Max(sent, window.Sending + Fill());
        }

        Assert.Equal(Most, window.Sending);

        // With three partitions its share is a third.
        _windows.Update([0, 1, 2]);
        while (window.Sending > (Most / 3) - 1)
        {
            Assert.False(window.IsOpen(Most / 3, Now));
            window.Acknowledged(Now);
        }

        Assert.True(window.IsOpen(Most / 3, Now));
        Fill();
        Assert.Equal(Most / 3, window.Sending);
    }

    [Fact]
    public void A_partition_has_room_for_one_message_however_many_there_are()
    {
        var windows = new PartitionWindows(_batchTime, 2, _time);
        windows.Update([0, 1, 2, 3]);

        Assert.NotNull(windows.Choose(Now));
    }

    [Fact]
    public void A_partition_that_acknowledges_nothing_for_2_s_gets_nothing_while_the_others_go_on()
    {
        var stuck = Send();
        Pass(1.9);
        Assert.False(stuck.IsStuck);

        Pass(0.1);
        Assert.True(stuck.IsStuck);
        Assert.Equal(2 * FirstLimit, Fill());
        Assert.Equal(1, stuck.Sending);
    }

    /// <summary>What matters is the silence, not the age of a message.</summary>
    [Fact]
    public void An_acknowledgement_says_that_a_partition_is_not_stuck()
    {
        var window = Send();
        window.Sent(_time, Now);
        window.Sent(_time, Now);
        Pass(1.5);
        window.Acknowledged(Now);
        Pass(1.9);
        Assert.False(window.IsStuck);

        Pass(0.1);
        Assert.True(window.IsStuck);
    }

    [Fact]
    public void A_partition_with_nothing_on_its_way_is_not_stuck_however_long_that_is()
    {
        var acknowledged = Send();
        acknowledged.Acknowledged(Now);
        _time.Advance(_batchTime);
        var givenUp = Send();
        givenUp.Returned();

        Pass(60);

        Assert.False(acknowledged.IsStuck);
        Assert.False(givenUp.IsStuck);
    }

    [Fact]
    public void A_stuck_partition_is_tried_with_one_message_at_growing_intervals()
    {
        var window = Send();
        Pass(2);

        foreach (var seconds in (double[])[0.5, 1, 2, 4, 5, 5])
        {
            Pass(seconds - 0.01);
            Assert.Null(_windows.ChooseStuck(Now));
            Pass(0.01);
            Assert.Same(window, _windows.ChooseStuck(Now));

            // That one counts as tried, also when it was given up.
            window.Sent(_time, Now);
            Assert.Null(_windows.ChooseStuck(Now));
            window.Returned();
        }

        Assert.True(window.IsStuck);
    }

    [Fact]
    public void A_stuck_partition_is_used_again_after_an_acknowledgement_with_few_at_first()
    {
        _windows.Update([0]);
        var window = Send();
        for (var i = 0; i < 10; i++)
        {
            window.Acknowledged(Now);
            window.Sent(_time, Now);
        }

        Pass(2);
        Assert.Null(_windows.Choose(Now));
        Pass(0.5);
        window.Sent(_time, Now);
        window.Acknowledged(Now);

        Assert.False(window.IsStuck);
        Assert.InRange(window.Sending + Fill(), FirstLimit, FirstLimit + 1);

        // It begins with the shortest interval again.
        Pass(2);
        Assert.Null(_windows.ChooseStuck(Now));
        Pass(0.5);
        Assert.Same(window, _windows.ChooseStuck(Now));
    }

    [Fact]
    public void A_partition_without_a_leader_gets_nothing_and_is_not_tried_until_it_has_one()
    {
        var window = Send();
        Pass(2);
        Pass(1);
        int[] others = [0, 1, 2];
        others = [.. others.Where(id => id != window.Id)];
        _windows.Update(others);

        Assert.Null(_windows.ChooseStuck(Now));
        Assert.Equal(2 * FirstLimit, Fill());
        Assert.Equal(1, window.Sending);
        Assert.NotSame(window, _windows.ChooseAny());

        _windows.Update([]);
        Assert.False(_windows.HasLeader);
        Assert.Null(_windows.Choose(Now));
        Assert.Null(_windows.ChooseAny());

        // What is on its way is remembered.
        _windows.Update([0, 1, 2]);
        Assert.True(_windows.HasLeader);
        Assert.Same(window, _windows.ChooseStuck(Now));
        Assert.Equal(1, window.Sending);
    }

    [Fact]
    public void A_partition_that_a_topic_got_is_used_at_once()
    {
        Fill();

        _windows.Update([0, 1, 2, 3]);

        Assert.Equal(3, Send().Id);
    }

    [Fact]
    public void A_partition_that_the_client_does_not_know_yet_gets_nothing_for_a_second()
    {
        var window = Send();
        window.Close(_time, Now);
        window.Returned();

        _time.Advance(_batchTime);
        Assert.Equal(2 * FirstLimit, Fill());
        Pass(1);
        Assert.Same(window, Send());
    }

    [Fact]
    public void A_partition_needs_the_second_client_when_its_cluster_would_be_known_to_be_away_by_now()
    {
        Send();
        Pass(2);
        Pass(4.9);
        Assert.False(_windows.NeedsSingle(Now));

        Pass(0.1);
        Assert.True(_windows.NeedsSingle(Now));
    }

    private PartitionWindow Send()
    {
        var window = _windows.Choose(Now);
        Assert.NotNull(window);
        window.Sent(_time, Now);
        return window;
    }

    // Sends as many as there is room for.
    private int Fill()
    {
        var sent = 0;
        while (_windows.Choose(Now) is { } window)
        {
            window.Sent(_time, Now);
            Assert.InRange(++sent, 1, 10 * Most);
        }

        return sent;
    }

    private void Pass(double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _windows.Check(Now);
    }
}
