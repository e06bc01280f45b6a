using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>The client that a monitor asks with, and who may use it when.</summary>
public sealed class MonitorClientTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();
    private readonly TestClients _clients = new();
    private readonly MonitorClient _client;
    private volatile Exception? _problem;
    private int _made;

    public MonitorClientTests() => _client = new MonitorClient(
        onError =>
        {
            Interlocked.Increment(ref _made);
            return _problem is { } problem ? throw problem : _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, onError);
        },
        _time);

    public void Dispose()
    {
        _client.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public void There_is_another_when_it_got_no_answer_for_a_while_and_then_ever_later()
    {
        Ask();
        var made = 1;
        foreach (var seconds in (int[])[10, 20, 40, 60, 60])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Ask();
            Assert.Equal(made, _made);

            _time.Advance(TimeSpan.FromSeconds(1));
            Ask();
            Assert.Equal(++made, _made);
        }
    }

    [Fact]
    public async Task It_is_not_replaced_while_somebody_uses_it()
    {
        Ask();
        using var release = new ManualResetEventSlim();
        using var inUse = new ManualResetEventSlim();
        var use = Task.Run(() => _client.TryUse(client =>
        {
            inUse.Set();
            release.Wait(_deadline);

            // Would fail, or worse, if it were gone.
            return client.MemberId;
        }, out _));
        Assert.True(inUse.Wait(_deadline));

        _time.Advance(TimeSpan.FromSeconds(11));
        var asking = Task.Run(Ask);
        await Task.WhenAny(asking, Task.Delay(500));
        Assert.Equal((1, false), (Volatile.Read(ref _made), asking.IsCompleted));

        release.Set();
        Assert.True(await use.WaitAsync(_deadline));
        await asking.WaitAsync(_deadline);
        Assert.Equal(2, _made);
    }

    [Fact]
    public void One_that_cannot_be_made_is_made_the_next_time()
    {
        _problem = new InvalidTimeZoneException();
        Assert.Throws<InvalidTimeZoneException>(Ask);
        Assert.False(_client.TryUse(client => client.MemberId, out _));

        _problem = null;
        Ask();
        Assert.True(_client.TryUse(client => client.MemberId, out _));
        Assert.Equal(2, _made);
    }

    private void Ask() => Assert.NotNull(_client.Ask(TestTopic.Name, _timeout).Problem);
}
