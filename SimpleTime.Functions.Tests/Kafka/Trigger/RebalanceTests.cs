using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Partitions that come and go while a batch is tried again.</summary>
public sealed class RebalanceTests : IDisposable
{
    private const int Partitions = 4;

    // Two rebalances of 2 s each on the embedded broker, and as much again for a busy machine.
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private readonly TestTopic _topic = new(Partitions);
    private readonly RecordedFunction _first = new();
    private readonly RecordedFunction _second = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_member_that_retries_for_ever_still_shares_with_one_that_joins()
    {
        var isBroken = true;
        _first.Body = _ => isBroken ? throw new InvalidOperationException("No.") : Task.CompletedTask;
        await using var first = await StartFirstAsync(new FixedDelayRetryAttribute(-1, "00:00:00.2"));
        await Eventually.BecomesTrueAsync(() => _first.Calls.Count >= 2, _deadline);

        await using var second = await _second.StartAsync(_topic);
        await Eventually.EqualsAsync(2, () => _second.Done.Distinct().Count(), _deadline);
        Assert.Equal("No.", first.Kafka.PausedReason);
        isBroken = false;

        await Eventually.EqualsAsync("1,1,1,1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["0", "1", "2", "3"], _first.Done.Concat(_second.Done).Order());
    }

    [Fact]
    public async Task Partitions_that_come_while_a_batch_is_tried_again_wait_and_lose_nothing()
    {
        var isBroken = false;
        _first.Body = _ => isBroken ? throw new InvalidOperationException("No.") : Task.CompletedTask;
        await using var first = await StartFirstAsync(new FixedDelayRetryAttribute(-1, "00:00:00.2"));
        await Eventually.EqualsAsync(Partitions, () => _first.Done.Count, _deadline);
        var second = await _second.StartAsync(_topic);
        await using (second)
        {
            await Eventually.BecomesTrueAsync(() => second.Logs.Count("2 partitions were assigned") == 1, _deadline);
            await Eventually.EqualsAsync("1,1,1,1", _topic.CommittedTextAsync, _deadline);
            isBroken = true;
            await _topic.ProduceEverywhereAsync(5);
            await Eventually.BecomesTrueAsync(() => first.Kafka.PausedReason is not null, _deadline);
        }

        // The second's are the first's again, which takes none of their records before its own batch is done.
        await Eventually.BecomesTrueAsync(() => first.Logs.Count("2 partitions were assigned") == 1, _deadline);
        await _topic.ProduceEverywhereAsync(6);
        var before = _first.Calls.Count;
        await Eventually.BecomesTrueAsync(() => _first.Calls.Count >= before + 3, _deadline);
        var tried = _first.Calls.Skip(before).SelectMany(call => call.Records).Select(record => record.Partition).Distinct();
        Assert.InRange(tried.Count(), 1, 2);
        isBroken = false;

        await Eventually.EqualsAsync("3,3,3,3", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(3 * Partitions, _first.Done.Concat(_second.Done).Distinct().Count());
    }

    private async Task<TestWorker> StartFirstAsync(RetryAttribute retry)
    {
        await _topic.ProduceEverywhereAsync(0);
        return await TestWorker.StartAsync([_first.Describe(_topic, retry: retry)], TestTopic.Settings(("subscriberIntervalInSeconds", "1")));
    }
}
