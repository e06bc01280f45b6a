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
        _watch = new ClientWatch(
            Find, _clients.Loops, TimeProvider.System, new(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300)));

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
        using var lost = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        var told = new List<(string Who, Error Error)>();
        using var watchedWell = _watch.Add(well.Handle, "", () => true, error => told.Add(("well", error)));
        using var watchedLost = _watch.Add(lost.Handle, "", () => true, error => told.Add(("lost", error)));

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
        using var client = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        using var other = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        var told = 0;
        using var watched = _watch.Add(client.Handle, "works", () => true, _ => told += 1_000);
        using var watchedOther = _watch.Add(other.Handle, "", () => true, _ => told++);
        _onQuestion = _ => watched.Worked();
        watched.Worked();

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync(1, () => told, _deadline);
        await _watch.StopAsync(CancellationToken.None);
        Assert.Equal(1, told);
    }

    /// <summary>While all is well nothing makes clients, or threads.</summary>
    [Fact]
    public async Task One_for_which_nothing_waits_is_not_asked()
    {
        using var client = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        using var other = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        var hasCause = false;
        var asked = 0;
        var told = new List<string>();
        using var watched = _watch.Add(client.Handle, "idle", () => Volatile.Read(ref hasCause), _ => told.Add("idle"));
        using var watchedOther = _watch.Add(other.Handle, "", () => true, _ => told.Add("other"));
        _onQuestion = brokerList => asked += brokerList == "idle" ? 1 : 0;

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.EqualsAsync(1, () => told.Count, _deadline);
        Assert.Equal((0, "other"), (asked, told[0]));

        Volatile.Write(ref hasCause, true);
        await Eventually.EqualsAsync(2, () => told.Count, _deadline);
        await _watch.StopAsync(CancellationToken.None);
        Assert.NotEqual(0, asked);
    }

    /// <summary>A broker answers the requests of a connection in order, and holds a Produce request until its replicas have it.</summary>
    [Fact]
    public async Task One_whose_broker_holds_its_requests_is_not_lost()
    {
        using var client = _clients.Factory.CreateObserver(_topic.Brokers, TestTopic.Group, _ => { });
        client.QueryWatermarkOffsets(new TopicPartition(TestTopic.Name, 0), _deadline);
        _topic.Broker.SetRoundTripTime(TimeSpan.FromMinutes(1));
        var asked = 0;
        var told = 0;
        using var watched = _watch.Add(client.Handle, "", () => true, _ => told++);
        _onQuestion = _ => asked++;

        await _watch.StartAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref asked) >= 4, _deadline);
        await _watch.StopAsync(CancellationToken.None);

        Assert.Equal(0, told);
    }

    [Fact]
    public async Task While_Kafka_answers_nobody_none_is_lost()
    {
        using var client = _clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });
        var told = 0;
        using var watched = _watch.Add(client.Handle, "", () => true, _ => told++);
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
            using var watched = _watch.Add(client.Handle, "", () => true, _ => told++);
            var questions = Volatile.Read(ref _questions);
            await Eventually.BecomesTrueAsync(() => Volatile.Read(ref _questions) > questions, _deadline);
        }

        await _watch.StopAsync(CancellationToken.None);
        Assert.Equal(0, told);
    }
}
