using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What becomes of messages and their destination when Kafka refuses them, or does not acknowledge them.</summary>
public sealed class OutboxDestinationTests : OutboxTest
{
    public OutboxDestinationTests()
        : base(new OutboxRig())
    {
    }

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.ClusterAuthorizationFailed)]
    [InlineData(ErrorCode.Local_UnknownTopic)]
    public void A_refused_destination_is_tried_with_one_message_at_growing_intervals_and_another_one_each_time(ErrorCode error)
    {
        Refuse(error, 5);

        var tried = new List<OutboxMessage>();
        foreach (var seconds in (double[])[0.5, 1, 2, 4, 8, 10, 10])
        {
            Rig.Pass(Topic, seconds - 0.01);
            Assert.Null(Rig.Outbox.Take(Topic));
            Rig.Pass(Topic, 0.01);
            var probe = Assert.Single(Rig.TakeAll(Topic));
            Assert.Same(Rig.Producer.Single, probe.Client);
            Rig.Fail(error, probe);
            tried.Add(probe);
        }

        Assert.Equal(5, tried.Distinct().Count());
        Assert.Equal(0, Rig.Metering.Sum("functions.kafka.output.dropped"));
    }

    [Fact]
    public void A_refused_destination_is_open_again_when_one_message_went_through()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        Assert.Equal("because of TopicAuthorizationFailed", Topic.Refusal);
        Rig.Pass(Topic, 0.5);

        Rig.Acknowledge(Rig.Take(Topic));

        Assert.True(Topic.IsOpen);
        Assert.Equal(4, Rig.TakeAll(Topic).Count);
    }

    /// <summary>A new refusal begins with the shortest interval.</summary>
    [Fact]
    public void The_intervals_are_short_again_after_an_acknowledgement()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        for (var i = 0; i < 5; i++)
        {
            Rig.Pass(Topic, 10);
            Rig.Fail(ErrorCode.TopicAuthorizationFailed, Rig.Take(Topic));
        }

        Rig.Pass(Topic, 10);
        Rig.Acknowledge(Rig.Take(Topic));
        Rig.Fail(ErrorCode.TopicAuthorizationFailed, Rig.TakeAll(Topic));
        Rig.Pass(Topic, 0.5);
        Assert.Single(Rig.TakeAll(Topic));
    }

    [Fact]
    public void Without_a_leader_nothing_is_tried()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        Topic.Windows.Update([]);
        Rig.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(Rig.Outbox.Take(Topic));

        Topic.Windows.Update([0]);
        Assert.NotNull(Rig.Outbox.Take(Topic));
    }

    [Fact]
    public void A_destination_holds_up_no_other_one()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        var other = Rig.Add("other");

        var message = Rig.TryAccept(other)!;

        Assert.Equal(OutboxMessageState.Sending, message.State);
        Assert.Same(Rig.Producer.Main, message.Client);
    }

    [Fact]
    public void It_is_late_8_s_after_a_message_was_handed_over_unless_one_was_acknowledged_meanwhile()
    {
        var (first, second) = (Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)!);
        Assert.Null(Rig.Pass(Topic, 8));
        Rig.Acknowledge(first);
        Assert.Null(Rig.Pass(Topic, 8));

        Assert.NotNull(Rig.Pass(Topic, 0.1));
        Rig.Acknowledge(second);
        Assert.Null(Rig.Pass(Topic, 60));
    }

    [Fact]
    public void Nothing_handed_over_is_not_late()
    {
        Rig.AcceptWaiting(Topic, 1);
        Assert.Null(Rig.Pass(Topic, 60));
        Rig.Acknowledge(Rig.TakeAll(Topic));
        Assert.Null(Rig.Pass(Topic, 60));
    }

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.InvalidRecord)]
    public void It_stays_late_when_messages_time_out_or_are_refused_until_one_is_acknowledged(ErrorCode error)
    {
        var message = Rig.TryAccept(Topic)!;
        Assert.Null(Rig.Pass(Topic, 5));
        Rig.Fail(error, message);
        Assert.NotNull(Rig.Pass(Topic, 3.1));

        // Tried again, and again in vain.
        message = Rig.Take(Topic);
        Rig.Fail(error, message);
        Assert.NotNull(Rig.Pass(Topic, 60));

        Rig.Acknowledge(Rig.Take(Topic));
        Assert.Null(Rig.Pass(Topic, 0));
    }

    [Fact]
    public void It_stays_late_with_a_new_client()
    {
        Rig.TryAccept(Topic);
        Assert.Null(Rig.Pass(Topic, 5));
        Rig.Outbox.Requeue(Rig.Producer.Main);

        Assert.Equal("nothing that was sent is acknowledged", Rig.Pass(Topic, 3.1));
    }

    /// <summary>Kafka answered for it, and nothing else is on its way that an acknowledgement could come for.</summary>
    [Fact]
    public void It_is_not_late_for_a_message_that_was_refused_for_good()
    {
        Rig.Fail(ErrorCode.MsgSizeTooLarge, Rig.TryAccept(Topic)!);
        Rig.Fail(ErrorCode.MsgSizeTooLarge, Rig.Take(Topic));

        Assert.Single(Rig.Messages.RefusedForGood);
        Assert.Null(Rig.Pass(Topic, 60));
    }

    [Fact]
    public void Refusals_are_told_once_a_minute_for_each_topic()
    {
        var other = Rig.Add("other");
        foreach (var destination in (OutboxDestination[])[Topic, other, Topic, other, Topic])
        {
            Rig.Fail(ErrorCode.TopicAuthorizationFailed, destination.Sending.Count > 0 ? destination.Sending.First!.Value : TakeOrAccept(destination));
        }

        Assert.Equal(1, Rig.Log.Count("the topic topic"));
        Assert.Equal(1, Rig.Log.Count("the topic other"));
        Rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Rig.Log.Count("the topic topic"));

        OutboxMessage TakeOrAccept(OutboxDestination destination)
        {
            Rig.Pass(destination, 10);
            return Rig.TryAccept(destination) is { State: OutboxMessageState.Sending } message ? message : Rig.Take(destination);
        }
    }

    /// <summary>Accepts messages, which are refused as a batch.</summary>
    private void Refuse(ErrorCode error, int count)
    {
        var messages = Enumerable.Range(0, count).Select(_ => Rig.TryAccept(Topic)!).ToArray();
        Rig.Fail(error, messages);
        Assert.Null(Rig.Outbox.Take(Topic));
    }
}
