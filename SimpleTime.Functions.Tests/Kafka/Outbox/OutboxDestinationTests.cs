using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What becomes of messages and their destination when Kafka refuses them, or does not acknowledge them.</summary>
public sealed class OutboxDestinationTests : IAsyncLifetime, IDisposable
{
    private readonly OutboxRig _rig = new();
    private readonly OutboxDestination _topic;

    public OutboxDestinationTests() => _topic = _rig.Add("topic");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    public void Dispose() => _rig.Dispose();

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
            _rig.Pass(_topic, seconds - 0.01);
            Assert.Null(_rig.Outbox.Take(_topic));
            _rig.Pass(_topic, 0.01);
            var probe = Assert.Single(_rig.TakeAll(_topic));
            Assert.Same(_rig.Producer.Single, probe.Client);
            _rig.Fail(error, probe);
            tried.Add(probe);
        }

        Assert.Equal(5, tried.Distinct().Count());
        Assert.Equal(0, _rig.Metering.Sum("functions.kafka.output.dropped"));
    }

    [Fact]
    public void A_refused_destination_is_open_again_when_one_message_went_through()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        Assert.Equal("because of TopicAuthorizationFailed", _topic.Refusal);
        _rig.Pass(_topic, 0.5);

        _rig.Acknowledge(_rig.Take(_topic));

        Assert.True(_topic.IsOpen);
        Assert.Equal(4, _rig.TakeAll(_topic).Count);
    }

    /// <summary>A new refusal begins with the shortest interval.</summary>
    [Fact]
    public void The_intervals_are_short_again_after_an_acknowledgement()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        for (var i = 0; i < 5; i++)
        {
            _rig.Pass(_topic, 10);
            _rig.Fail(ErrorCode.TopicAuthorizationFailed, _rig.Take(_topic));
        }

        _rig.Pass(_topic, 10);
        _rig.Acknowledge(_rig.Take(_topic));
        _rig.Fail(ErrorCode.TopicAuthorizationFailed, _rig.TakeAll(_topic));
        _rig.Pass(_topic, 0.5);
        Assert.Single(_rig.TakeAll(_topic));
    }

    [Fact]
    public void Without_a_leader_nothing_is_tried()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        _topic.Windows.Update([]);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(_rig.Outbox.Take(_topic));

        _topic.Windows.Update([0]);
        Assert.NotNull(_rig.Outbox.Take(_topic));
    }

    [Fact]
    public void A_destination_holds_up_no_other_one()
    {
        Refuse(ErrorCode.TopicAuthorizationFailed, 5);
        var other = _rig.Add("other");

        var message = _rig.TryAccept(other)!;

        Assert.Equal(OutboxMessageState.Sending, message.State);
        Assert.Same(_rig.Producer.Main, message.Client);
    }

    [Fact]
    public void It_is_late_8_s_after_a_message_was_handed_over_unless_one_was_acknowledged_meanwhile()
    {
        var (first, second) = (_rig.TryAccept(_topic)!, _rig.TryAccept(_topic)!);
        Assert.Null(_rig.Pass(_topic, 8));
        _rig.Acknowledge(first);
        Assert.Null(_rig.Pass(_topic, 8));

        Assert.NotNull(_rig.Pass(_topic, 0.1));
        _rig.Acknowledge(second);
        Assert.Null(_rig.Pass(_topic, 60));
    }

    [Fact]
    public void Nothing_handed_over_is_not_late()
    {
        _rig.AcceptWaiting(_topic, 1);
        Assert.Null(_rig.Pass(_topic, 60));
        _rig.Acknowledge(_rig.TakeAll(_topic));
        Assert.Null(_rig.Pass(_topic, 60));
    }

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.InvalidRecord)]
    public void It_stays_late_when_messages_time_out_or_are_refused_until_one_is_acknowledged(ErrorCode error)
    {
        var message = _rig.TryAccept(_topic)!;
        Assert.Null(_rig.Pass(_topic, 5));
        _rig.Fail(error, message);
        Assert.NotNull(_rig.Pass(_topic, 3.1));

        // Tried again, and again in vain.
        message = _rig.Take(_topic);
        _rig.Fail(error, message);
        Assert.NotNull(_rig.Pass(_topic, 60));

        _rig.Acknowledge(_rig.Take(_topic));
        Assert.Null(_rig.Pass(_topic, 0));
    }

    [Fact]
    public void It_stays_late_with_a_new_client()
    {
        _rig.TryAccept(_topic);
        Assert.Null(_rig.Pass(_topic, 5));
        _rig.Outbox.GiveUp(_rig.Producer.Main);

        Assert.Equal("nothing that was sent is acknowledged", _rig.Pass(_topic, 3.1));
    }

    /// <summary>Kafka answered for it, and nothing else is on its way that an acknowledgement could come for.</summary>
    [Fact]
    public void It_is_not_late_for_a_message_that_was_refused_for_good()
    {
        _rig.Fail(ErrorCode.MsgSizeTooLarge, _rig.TryAccept(_topic)!);
        _rig.Fail(ErrorCode.MsgSizeTooLarge, _rig.Take(_topic));

        Assert.Single(_rig.Messages.RefusedForGood);
        Assert.Null(_rig.Pass(_topic, 60));
    }

    [Fact]
    public void Refusals_are_told_once_a_minute_for_each_topic()
    {
        var other = _rig.Add("other");
        foreach (var destination in (OutboxDestination[])[_topic, other, _topic, other, _topic])
        {
            _rig.Fail(ErrorCode.TopicAuthorizationFailed, destination.Sending.Count > 0 ? destination.Sending.First!.Value : TakeOrAccept(destination));
        }

        Assert.Equal(1, _rig.Log.Count("the topic topic"));
        Assert.Equal(1, _rig.Log.Count("the topic other"));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _rig.Log.Count("the topic topic"));

        OutboxMessage TakeOrAccept(OutboxDestination destination)
        {
            _rig.Pass(destination, 10);
            return _rig.TryAccept(destination) is { State: OutboxMessageState.Sending } message ? message : _rig.Take(destination);
        }
    }

    /// <summary>Accepts messages, which are refused as a batch.</summary>
    private void Refuse(ErrorCode error, int count)
    {
        var messages = Enumerable.Range(0, count).Select(_ => _rig.TryAccept(_topic)!).ToArray();
        _rig.Fail(error, messages);
        Assert.Null(_rig.Outbox.Take(_topic));
    }
}
