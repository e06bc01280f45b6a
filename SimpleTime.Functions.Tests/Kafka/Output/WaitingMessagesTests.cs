using SimpleTime.Functions.Worker.Kafka.Output;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Output;

/// <summary>The messages that nothing has room for.</summary>
public sealed class WaitingMessagesTests
{
    [Fact]
    public void They_come_out_in_the_order_they_went_in_but_for_those_that_were_put_back()
    {
        var waiting = new WaitingMessages(10, 100);
        var messages = Enumerable.Range(0, 3).Select(_ => Message(1)).ToList();
        Assert.All(messages, message => Assert.True(waiting.TryAdd(message)));

        waiting.MoveFirstToEnd();
        foreach (var message in (PendingMessage[])[messages[1], messages[2], messages[0]])
        {
            Assert.Same(message, waiting.Peek());
            waiting.RemoveFirst();
        }

        Assert.Null(waiting.Peek());
        Assert.Equal(0, waiting.Count);
    }

    [Theory]
    [InlineData(3, 1_000, 3)]
    [InlineData(100, 45, 4)]
    public void They_are_bounded_in_number_and_bytes(int maxMessages, long maxBytes, int room)
    {
        var waiting = new WaitingMessages(maxMessages, maxBytes);

        Assert.Equal(room, Enumerable.Range(0, 10).Count(_ => waiting.TryAdd(Message(10))));

        waiting.RemoveFirst();
        Assert.True(waiting.TryAdd(Message(10)));
        Assert.False(waiting.TryAdd(Message(10)));
        Assert.Equal(room, waiting.Count);
    }

    private static PendingMessage Message(int bytes) => new(null!, null!, "", "", new byte[bytes], 0);
}
