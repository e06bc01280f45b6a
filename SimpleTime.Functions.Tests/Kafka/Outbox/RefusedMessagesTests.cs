using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What becomes of messages that Kafka refused, while it takes others.</summary>
public sealed class RefusedMessagesTests : IAsyncLifetime, IDisposable
{
    private readonly OutboxRig _rig = new();
    private readonly OutboxDestination _topic;

    public RefusedMessagesTests() => _topic = _rig.Add("topic");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void What_was_too_large_in_a_batch_is_sent_alone_and_refused_for_good_when_it_is_so_then()
    {
        var messages = new[] { _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)!, _rig.TryAccept(_topic)! };
        _rig.Fail(ErrorCode.MsgSizeTooLarge, messages);
        Assert.Empty(_rig.Messages.RefusedForGood);

        Assert.Equal(messages, _rig.TakeAll(_topic));
        Assert.All(messages, message => Assert.Same(_rig.Producer.Single, message.Client));
        _rig.Acknowledge(messages[0], messages[2]);
        _rig.Fail(ErrorCode.MsgSizeTooLarge, messages[1]);

        Assert.Same(messages[1], Assert.Single(_rig.Messages.RefusedForGood));
        Assert.Equal("because of MsgSizeTooLarge", messages[1].RefusalReason);
        Assert.True(_topic.IsOpen);
    }

    [Theory]
    [InlineData(ErrorCode.InvalidRecord)]
    [InlineData(ErrorCode.PolicyViolation)]
    [InlineData((ErrorCode)32)]
    [InlineData((ErrorCode)999)]
    public void What_is_refused_alone_10_times_over_an_hour_while_others_pass_is_refused_for_good(ErrorCode error)
    {
        var bad = RefuseOne(error);
        var refusals = 1;
        while (_rig.Messages.RefusedForGood.Count == 0)
        {
            refusals++;
            PassWithOthers(bad);
            _rig.Fail(error, bad);
            Assert.InRange(refusals, 1, 20);
        }

        Assert.Same(bad, Assert.Single(_rig.Messages.RefusedForGood));
        Assert.Equal(13, refusals);
        Assert.True(_rig.Time.GetElapsedTime(bad.FirstRefusedAt) >= TimeSpan.FromHours(1));
    }

    [Fact]
    public void Ten_refusals_within_an_hour_are_not_for_good()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        for (var i = 0; i < 20; i++)
        {
            // Probes of the destination, not its own turn.
            bad.NextTryAt = _rig.Now;
            _rig.Time.Advance(TimeSpan.FromMinutes(2));
            _rig.Acknowledge(_rig.TryAccept(_topic)!);
            Assert.Same(bad, Assert.Single(_rig.TakeAll(_topic)));
            _rig.Fail(ErrorCode.InvalidRecord, bad);
        }

        Assert.Empty(_rig.Messages.RefusedForGood);
    }

    [Fact]
    public void Few_refusals_over_many_hours_are_not_for_good()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        for (var i = 0; i < 8; i++)
        {
            _rig.Time.Advance(TimeSpan.FromHours(1));
            _rig.Acknowledge(_rig.TryAccept(_topic)!);
            Assert.Same(bad, Assert.Single(_rig.TakeAll(_topic)));
            _rig.Fail(ErrorCode.InvalidRecord, bad);
        }

        Assert.Empty(_rig.Messages.RefusedForGood);
    }

    /// <summary>A policy that was changed, and is changed back after hours.</summary>
    [Fact]
    public void Nothing_is_refused_for_good_while_no_other_message_passes()
    {
        var bad = RefuseOne(ErrorCode.PolicyViolation);
        for (var i = 0; i < 100; i++)
        {
            _rig.Pass(_topic, TimeSpan.FromMinutes(10));
            foreach (var message in _rig.TakeAll(_topic))
            {
                _rig.Fail(ErrorCode.PolicyViolation, message);
            }
        }

        Assert.True(bad.Refusals > 10);
        Assert.Empty(_rig.Messages.RefusedForGood);
        Assert.NotNull(_topic.Refusal);
    }

    /// <summary>Others went through after it was refused first, and then nothing did any more.</summary>
    [Fact]
    public void Nothing_is_refused_for_good_when_others_have_ceased_to_pass()
    {
        var bad = RefuseOne(ErrorCode.PolicyViolation);
        PassWithOthers(bad);
        _rig.Fail(ErrorCode.PolicyViolation, bad);
        _rig.TryAccept(_topic);
        for (var i = 0; i < 100; i++)
        {
            _rig.Fail(ErrorCode.PolicyViolation, _rig.TakeAll(_topic));
            _rig.Pass(_topic, TimeSpan.FromMinutes(10));
        }

        Assert.True(bad.Refusals > 10);
        Assert.Empty(_rig.Messages.RefusedForGood);
    }

    [Fact]
    public void What_is_refused_alone_waits_longer_each_time_and_holds_up_no_other()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        foreach (var seconds in (int[])[5, 10, 20, 40, 80, 160, 320, 600, 600])
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            _rig.Acknowledge(_rig.TryAccept(_topic)!);
            Assert.Empty(_rig.TakeAll(_topic));
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Same(bad, Assert.Single(_rig.TakeAll(_topic)));
            Assert.Same(_rig.Producer.Single, bad.Client);
            _rig.Fail(ErrorCode.InvalidRecord, bad);
        }
    }

    /// <summary>A batch in which Kafka refused one would be refused again.</summary>
    [Fact]
    public void What_was_refused_alone_is_never_in_a_batch_again_also_after_a_time_out_and_with_a_new_client()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(bad, _rig.Take(_topic));
        _rig.Fail(ErrorCode.Local_MsgTimedOut, bad);
        Assert.Same(bad, _rig.Take(_topic));
        Assert.Same(_rig.Producer.Single, bad.Client);

        _rig.Outbox.GiveUp(_rig.Producer.Single!);
        Assert.Same(bad, _rig.Take(_topic));
        Assert.Same(_rig.Producer.Single, bad.Client);
    }

    /// <summary>While very many wait to be sent alone, no more batches are refused.</summary>
    [Fact]
    public void A_hundred_are_sent_alone_at_once_and_no_batches_while_a_thousand_wait_for_it()
    {
        var messages = _rig.AcceptWaiting(_topic, 2_000);
        _topic.Windows.Update([.. Enumerable.Range(0, 20)]);
        _rig.Fail(ErrorCode.InvalidRecord, _rig.TakeAll(_topic));
        Assert.Equal(messages.Count, _topic.Suspects.Count);

        _rig.TryAccept(_topic);
        var alone = _rig.TakeAll(_topic);
        Assert.Equal(100, alone.Count);
        Assert.All(alone, message => Assert.Same(_rig.Producer.Single, message.Client));

        // With fewer than a thousand left, the others go on.
        while (_topic.Suspects.Count >= 1_000)
        {
            _rig.Acknowledge(alone);
            alone = _rig.TakeAll(_topic);
        }

        Assert.Contains(alone, message => message.Client == _rig.Producer.Main);
    }

    /// <summary>Has one message refused in a batch and alone while another one passes.</summary>
    private OutboxMessage RefuseOne(ErrorCode error)
    {
        var (bad, good) = (_rig.TryAccept(_topic)!, _rig.TryAccept(_topic)!);
        _rig.Fail(error, bad, good);
        Assert.Equal([bad, good], _rig.TakeAll(_topic));
        _rig.Acknowledge(good);
        _rig.Fail(error, bad);
        Assert.True(_topic.IsOpen);
        return bad;
    }

    /// <summary>Waits for the turn of a refused message, while others go through.</summary>
    private void PassWithOthers(OutboxMessage bad)
    {
        while (bad.State != OutboxMessageState.Sending)
        {
            _rig.Pass(_topic, TimeSpan.FromMinutes(0.5));
            _rig.Acknowledge(_rig.TryAccept(_topic)!);
            foreach (var message in _rig.TakeAll(_topic))
            {
                Assert.Same(bad, message);
            }
        }
    }
}
