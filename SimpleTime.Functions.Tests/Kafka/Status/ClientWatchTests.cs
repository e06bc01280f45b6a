using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>Which clients count as lost, with real ones.</summary>
public sealed class ClientWatchTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new();
    private readonly TestClients _clients = new();
    private readonly ClientWatch _watch;
    private volatile string? _upTopic = TestTopic.Name;
    private int _questions;
    private Action<string> _onQuestion = static _ => { };

    public ClientWatchTests()
    {
        _watch = new ClientWatch(Find, _clients.Loops, TimeSpan.FromMilliseconds(50));

        string? Find(string brokerList)
        {
            Interlocked.Increment(ref _questions);
            _onQuestion(brokerList);
            return _upTopic;
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _topic.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public async Task One_that_does_not_answer_is_told_once_and_one_that_does_never()
    {
        using var well = _clients.Factory.CreateObserver(_topic.Brokers, TestTopic.Group, _ => { });
        using var lost = _clients.Factory.CreateObserver(KafkaBrokers.Nowhere, TestTopic.Group, _ => { });
        var told = new List<(string Who, Error Error)>();
        using var watchedWell = _watch.Add(well.Handle, "", error => told.Add(("well", error)));
        using var watchedLost = _watch.Add(lost.Handle, "", error => told.Add(("lost", error)));

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync(1, () => told.Count, _deadline);
        var questions = Volatile.Read(ref _questions);
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref _questions) > questions + 10, _deadline);
        await _watch.StopAsync(CancellationToken.None);

        var (who, error) = Assert.Single(told);
        Assert.Equal(("lost", true), (who, error.IsFatal));
    }

    [Fact]
    public async Task One_that_works_is_not_asked()
    {
        using var client = _clients.Factory.CreateObserver(KafkaBrokers.Nowhere, TestTopic.Group, _ => { });
        using var other = _clients.Factory.CreateObserver(KafkaBrokers.Nowhere, TestTopic.Group, _ => { });
        var told = 0;
        using var watched = _watch.Add(client.Handle, "works", _ => told += 1_000);
        using var watchedOther = _watch.Add(other.Handle, "", _ => told++);
        _onQuestion = _ => watched.Worked();
        watched.Worked();

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync(1, () => told, _deadline);
        await _watch.StopAsync(CancellationToken.None);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task While_Kafka_answers_nobody_none_is_lost()
    {
        using var client = _clients.Factory.CreateObserver(KafkaBrokers.Nowhere, TestTopic.Group, _ => { });
        var told = 0;
        using var watched = _watch.Add(client.Handle, "", _ => told++);
        _upTopic = null;

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref _questions) > 10, _deadline);
        await _watch.StopAsync(CancellationToken.None);

        Assert.Equal(0, told);
    }

    [Fact]
    public async Task One_whose_watch_has_ended_may_go_at_any_time()
    {
        var told = 0;
        await _watch.StartAsync(CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            using var client = _clients.Factory.CreateObserver(_topic.Brokers, TestTopic.Group, _ => { });
            using var watched = _watch.Add(client.Handle, "", _ => told++);
            var questions = Volatile.Read(ref _questions);
            await Eventually.BecomesTrueAsync(() => Volatile.Read(ref _questions) > questions, _deadline);
        }

        await _watch.StopAsync(CancellationToken.None);
        Assert.Equal(0, told);
    }
}
