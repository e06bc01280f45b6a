using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Where a group starts, and that this is committed also where nothing comes.</summary>
public sealed class StartingPositionTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new(3);
    private readonly RecordedFunction _function = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task Idle_partitions_get_a_commit()
    {
        await using var worker = await _function.StartAsync(_topic);

        await Eventually.EqualsAsync("0,0,0", _topic.CommittedTextAsync, _deadline);
        Assert.Empty(_function.Calls);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, _deadline);
    }

    [Fact]
    public async Task A_commit_that_is_there_is_kept()
    {
        await _topic.ProduceAsync(0, "a", "b", "c");
        await _topic.ProduceAsync(1, "d", "e");
        _topic.Commit(0, 2);
        _topic.Commit(1, 2);

        await using var worker = await _function.StartAsync(_topic);

        await Eventually.EqualsAsync("3,2,0", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["c"], _function.Done);
    }

    [Fact]
    public async Task From_the_latest_on_means_what_comes_after_the_start()
    {
        await _topic.ProduceAsync(0, "old", "older");

        await using var worker = await _function.StartAsync(_topic, ("autoOffsetReset", "latest"));
        await Eventually.EqualsAsync("2,0,0", _topic.CommittedTextAsync, _deadline);
        await _topic.ProduceAsync(0, "new");
        await _topic.ProduceAsync(1, "newer");

        await Eventually.EqualsAsync("3,1,0", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["new", "newer"], _function.Done.Order());
    }

    [Fact]
    public async Task A_position_that_could_not_be_committed_at_first_is_committed_later()
    {
        const short OffsetCommitKey = 8;
        _topic.Broker.PushRequestErrors(OffsetCommitKey, 7, 7, 7, 7, 7);

        await using var worker = await _function.StartAsync(_topic);

        await Eventually.EqualsAsync("0,0,0", _topic.CommittedTextAsync, _deadline);
    }
}
