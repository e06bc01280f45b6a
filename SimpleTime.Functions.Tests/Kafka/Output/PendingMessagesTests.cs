using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Output;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Output;

/// <summary>The messages without an acknowledgement.</summary>
public sealed class PendingMessagesTests
{
    private readonly PendingMessages _pending = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Messages_come_out_in_the_order_they_went_in()
    {
        var messages = Add(5);
        Assert.True(_pending.Remove(messages[2]));
        Assert.True(_pending.Remove(messages[0]));
        Assert.True(_pending.Remove(messages[4]));
        var later = Add(1);

        Assert.Equal(3, _pending.Count);
        Assert.Equal([messages[1], messages[3], later[0]], _pending.FindAll(_ => true));
        Assert.Equal(3, _pending.Count);
    }

    [Fact]
    public void A_straggler_that_is_returned_comes_again_and_all_after_it()
    {
        var messages = Add(4);
        Assert.Equal(messages[..3], Enumerable.Range(0, 3).Select(_ => _pending.NextStraggler(long.MaxValue)));

        _pending.ReturnStraggler(messages[1]);
        _pending.ReturnStraggler(messages[2]);

        Assert.Equal([messages[1], messages[2], messages[3], null], Enumerable.Range(0, 4).Select(_ => _pending.NextStraggler(long.MaxValue)));
        _pending.Remove(messages[0]);
        _pending.ReturnStraggler(messages[0]);
        Assert.Null(_pending.NextStraggler(long.MaxValue));
    }

    [Fact]
    public void Messages_are_found_by_their_sequences_while_they_are_pending()
    {
        var messages = Add(4);
        _pending.Remove(messages[1]);

        Assert.Equal([messages[0], messages[3]], _pending.Find(new HashSet<long> { messages[3].Sequence, messages[1].Sequence, messages[0].Sequence }));
    }

    [Fact]
    public void A_message_is_removed_once()
    {
        var message = Add(1)[0];

        Assert.True(_pending.Remove(message));
        Assert.False(_pending.Remove(message));
        Assert.Equal(0, _pending.Count);
    }

    [Fact]
    public void Only_what_is_asked_for_is_found()
    {
        var messages = Add(6);

        Assert.Equal([messages[1], messages[3]], _pending.FindAll(m => m == messages[3] || m == messages[1]));
    }

    [Fact]
    public async Task Nothing_pending_is_nothing_to_wait_for() =>
        Assert.Equal(0, await _pending.WaitAsync(TimeSpan.Zero, _time, CancellationToken.None));

    [Fact]
    public async Task A_waiter_waits_for_what_was_there_before_it_and_for_no_more()
    {
        var messages = Add(3);
        var wait = Wait();
        var later = Add(1);
        var laterWait = Wait();

        _pending.Remove(messages[2]);
        _pending.Remove(messages[0]);
        Assert.False(wait.IsCompleted);
        _pending.Remove(messages[1]);
        Assert.Equal(0, await wait.WaitAsync(Eventually.DefaultDeadline));

        Assert.False(laterWait.IsCompleted);
        _pending.Remove(later[0]);
        Assert.Equal(0, await laterWait.WaitAsync(Eventually.DefaultDeadline));
    }

    [Fact]
    public async Task Giving_up_ends_the_wait()
    {
        Add(3);
        var wait = Wait();

        _pending.FindAll(_ => true).ForEach(message => _pending.Remove(message));

        Assert.Equal(0, await wait.WaitAsync(Eventually.DefaultDeadline));
    }

    [Fact]
    public async Task A_waiter_whose_time_is_up_is_told_how_many_of_its_messages_are_left()
    {
        var messages = Add(4);
        var wait = Wait();
        Add(10);
        _pending.Remove(messages[1]);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(3, await wait.WaitAsync(Eventually.DefaultDeadline));
        Assert.Equal(3, await _pending.WaitAsync(TimeSpan.Zero, _time, CancellationToken.None) - 10);
    }

    [Fact]
    public async Task A_wait_can_be_ended()
    {
        Add(1);
        using var cancellation = new CancellationTokenSource();
        var wait = _pending.WaitAsync(TimeSpan.FromSeconds(10), _time, cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(1, _pending.Count);
    }

    [Fact]
    public async Task Nothing_is_lost_or_told_twice_among_threads()
    {
        const int Threads = 4;
        const int Messages = 20_000;
        var removed = 0L;
        using var done = new CancellationTokenSource();
        var waits = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.Equal(0, await _pending.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None));
            }
        });
        var sweep = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Interlocked.Add(ref removed, _pending.FindAll(m => m.Sequence % 7 == 0).Count(_pending.Remove));
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            var own = new Queue<PendingMessage>();
            for (var i = 0; i < Messages; i++)
            {
                own.Enqueue(Add(1)[0]);
                if (own.Count > 50)
                {
                    Interlocked.Add(ref removed, _pending.Remove(own.Dequeue()) ? 1 : 0);
                }
            }

            while (own.TryDequeue(out var message))
            {
                Interlocked.Add(ref removed, _pending.Remove(message) ? 1 : 0);
            }
        })));

        await done.CancelAsync();
        await Task.WhenAll(waits, sweep).WaitAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(Threads * Messages, removed);
        Assert.Equal(0, _pending.Count);
    }

    private Task<long> Wait() => _pending.WaitAsync(TimeSpan.FromSeconds(10), _time, CancellationToken.None);

    private PendingMessage[] Add(int count)
    {
        // Neither owner nor client is asked for anything here.
        var messages = Enumerable.Range(0, count).Select(_ => new PendingMessage(null!, null!, "", "t", [], 0)).ToArray();
        Array.ForEach(messages, _pending.Add);
        return messages;
    }
}
