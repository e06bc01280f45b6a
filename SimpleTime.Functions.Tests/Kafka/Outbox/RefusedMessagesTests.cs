using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What becomes of messages that Kafka refused, while it takes others.</summary>
public sealed class RefusedMessagesTests : OutboxTest
{
    public RefusedMessagesTests()
        : base(new OutboxRig())
    {
    }

    [Fact]
    public void What_was_too_large_in_a_batch_is_sent_alone_and_refused_for_good_when_it_is_so_then()
    {
        var messages = new[] { Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)! };
        Rig.Fail(ErrorCode.MsgSizeTooLarge, messages);
        Assert.Empty(Rig.Messages.RefusedForGood);

        Assert.Equal(messages, Rig.TakeAll(Topic));
        Assert.All(messages, message => Assert.Same(Rig.Producer.Single, message.Client));
        Rig.Acknowledge(messages[0], messages[2]);
        Rig.Fail(ErrorCode.MsgSizeTooLarge, messages[1]);

        Assert.Same(messages[1], Assert.Single(Rig.Messages.RefusedForGood));
        Assert.Equal("because of MsgSizeTooLarge", messages[1].RefusalReason);
        Assert.True(Topic.IsOpen);
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
        while (Rig.Messages.RefusedForGood.Count == 0)
        {
            refusals++;
            PassWithOthers(bad);
            Rig.Fail(error, bad);
            Assert.InRange(refusals, 1, 20);
        }

        Assert.Same(bad, Assert.Single(Rig.Messages.RefusedForGood));
        Assert.Equal(13, refusals);
        Assert.True(Rig.Time.GetElapsedTime(bad.FirstRefusedAt) >= TimeSpan.FromHours(1));
    }

    [Fact]
    public void Ten_refusals_within_an_hour_are_not_for_good()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        for (var i = 0; i < 20; i++)
        {
            // Probes of the destination, not its own turn.
            bad.NextTryAt = Rig.Now;
            Rig.Time.Advance(TimeSpan.FromMinutes(2));
            Rig.Acknowledge(Rig.TryAccept(Topic)!);
            Assert.Same(bad, Assert.Single(Rig.TakeAll(Topic)));
            Rig.Fail(ErrorCode.InvalidRecord, bad);
        }

        Assert.Empty(Rig.Messages.RefusedForGood);
    }

    [Fact]
    public void Few_refusals_over_many_hours_are_not_for_good()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        for (var i = 0; i < 8; i++)
        {
            Rig.Time.Advance(TimeSpan.FromHours(1));
            Rig.Acknowledge(Rig.TryAccept(Topic)!);
            Assert.Same(bad, Assert.Single(Rig.TakeAll(Topic)));
            Rig.Fail(ErrorCode.InvalidRecord, bad);
        }

        Assert.Empty(Rig.Messages.RefusedForGood);
    }

    /// <summary>A policy that was changed, and is changed back after hours.</summary>
    [Fact]
    public void Nothing_is_refused_for_good_while_no_other_message_passes()
    {
        var bad = RefuseOne(ErrorCode.PolicyViolation);
        for (var i = 0; i < 100; i++)
        {
            Rig.Pass(Topic, TimeSpan.FromMinutes(10));
            foreach (var message in Rig.TakeAll(Topic))
            {
                Rig.Fail(ErrorCode.PolicyViolation, message);
            }
        }

        Assert.True(bad.Refusals > 10);
        Assert.Empty(Rig.Messages.RefusedForGood);
        Assert.NotNull(Topic.Refusal);
    }

    /// <summary>Others went through after it was refused first, and then nothing did any more.</summary>
    [Fact]
    public void Nothing_is_refused_for_good_when_others_have_ceased_to_pass()
    {
        var bad = RefuseOne(ErrorCode.PolicyViolation);
        PassWithOthers(bad);
        Rig.Fail(ErrorCode.PolicyViolation, bad);
        Rig.TryAccept(Topic);
        for (var i = 0; i < 100; i++)
        {
            Rig.Fail(ErrorCode.PolicyViolation, Rig.TakeAll(Topic));
            Rig.Pass(Topic, TimeSpan.FromMinutes(10));
        }

        Assert.True(bad.Refusals > 10);
        Assert.Empty(Rig.Messages.RefusedForGood);
    }

    [Fact]
    public void What_is_refused_alone_waits_longer_each_time_and_holds_up_no_other()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        foreach (var seconds in (int[])[5, 10, 20, 40, 80, 160, 320, 600, 600])
        {
            Rig.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Rig.Acknowledge(Rig.TryAccept(Topic)!);
            Assert.Empty(Rig.TakeAll(Topic));
            Rig.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Same(bad, Assert.Single(Rig.TakeAll(Topic)));
            Assert.Same(Rig.Producer.Single, bad.Client);
            Rig.Fail(ErrorCode.InvalidRecord, bad);
        }
    }

    /// <summary>A batch in which Kafka refused one would be refused again.</summary>
    [Fact]
    public void What_was_refused_alone_is_never_in_a_batch_again_also_after_a_time_out_and_with_a_new_client()
    {
        var bad = RefuseOne(ErrorCode.InvalidRecord);
        Rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(bad, Rig.Take(Topic));
        Rig.Fail(ErrorCode.Local_MsgTimedOut, bad);
        Assert.Same(bad, Rig.Take(Topic));
        Assert.Same(Rig.Producer.Single, bad.Client);

        Rig.Outbox.Requeue(Rig.Producer.Single!);
        Assert.Same(bad, Rig.Take(Topic));
        Assert.Same(Rig.Producer.Single, bad.Client);
    }

    /// <summary>While very many wait to be sent alone, no more batches are refused.</summary>
    [Fact]
    public void A_hundred_are_sent_alone_at_once_and_no_batches_while_a_thousand_wait_for_it()
    {
        var messages = Rig.AcceptWaiting(Topic, 2_000);
        Topic.Windows.Update([.. Enumerable.Range(0, 20)]);
        Rig.Fail(ErrorCode.InvalidRecord, Rig.TakeAll(Topic));
        Assert.Equal(messages.Count, Topic.Suspects.Count);

        Rig.TryAccept(Topic);
        var alone = Rig.TakeAll(Topic);
        Assert.Equal(100, alone.Count);
        Assert.All(alone, message => Assert.Same(Rig.Producer.Single, message.Client));

        // With fewer than a thousand left, the others go on.
        while (Topic.Suspects.Count >= 1_000)
        {
            Rig.Acknowledge(alone);
            alone = Rig.TakeAll(Topic);
        }

        Assert.Contains(alone, message => message.Client == Rig.Producer.Main);
    }

    /// <summary>Has one message refused in a batch and alone while another one passes.</summary>
    private OutboxMessage RefuseOne(ErrorCode error)
    {
        var (bad, good) = (Rig.TryAccept(Topic)!, Rig.TryAccept(Topic)!);
        Rig.Fail(error, bad, good);
        Assert.Equal([bad, good], Rig.TakeAll(Topic));
        Rig.Acknowledge(good);
        Rig.Fail(error, bad);
        Assert.True(Topic.IsOpen);
        return bad;
    }

    /// <summary>Waits for the turn of a refused message, while others go through.</summary>
    private void PassWithOthers(OutboxMessage bad)
    {
        while (bad.State != OutboxMessageState.Sending)
        {
            Rig.Pass(Topic, TimeSpan.FromMinutes(0.5));
            Rig.Acknowledge(Rig.TryAccept(Topic)!);
            foreach (var message in Rig.TakeAll(Topic))
            {
                Assert.Same(bad, message);
            }
        }
    }
}
