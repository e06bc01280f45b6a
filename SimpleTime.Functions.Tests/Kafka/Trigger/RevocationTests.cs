using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Partitions that go while a function works on their records.</summary>
public sealed class RevocationTests : IDisposable
{
    private const int Partitions = 4;

    // Two rebalances of 2 s each on the embedded broker, and up to 5 s for a batch in flight.
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private readonly TestTopic _topic = new(Partitions);
    private readonly RecordedFunction _first = new();
    private readonly RecordedFunction _second = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_batch_that_runs_when_partitions_are_revoked_is_committed_by_whoever_has_them()
    {
        var gate = new TaskCompletionSource();
        _first.Body = _ => gate.Task;
        await using var first = await StartFirstAsync();
        await Eventually.BecomesTrueAsync(() => _first.Calls.Count > 0, _deadline);

        // Whether it ends within the time that a revocation has is the group's timing: the next owner may get it again.
        await using var second = await _second.StartAsync(_topic);
        await Eventually.BecomesTrueAsync(() => second.Logs.Count("partitions were assigned") > 0, _deadline);
        gate.SetResult();

        await Eventually.EqualsAsync("1,1,1,1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["0", "1", "2", "3"], _first.Done.Concat(_second.Done).Distinct().Order());
    }

    [Fact]
    public async Task The_offsets_of_partitions_that_are_gone_are_not_stored()
    {
        var gate = new TaskCompletionSource();
        _first.Body = _ => gate.Task;
        _second.Body = _ => throw new InvalidOperationException("No.");
        await using var first = await StartFirstAsync();
        await Eventually.BecomesTrueAsync(() => _first.Calls.Count > 0, _deadline);
        Assert.Equal(Partitions, _first.Calls[0].Records.Length);

        await using var second = await TestWorker.StartAsync(
            [_second.Describe(_topic, retry: new FixedDelayRetryAttribute(-1, "00:00:00.2"))],
            TestTopic.Settings(("subscriberIntervalInSeconds", "1")));
        await Eventually.BecomesTrueAsync(() => _second.Calls.Any(call => call.Records.Length == 2), _deadline);
        var taken = _second.Calls.SelectMany(call => call.Records).Select(record => record.Partition).ToHashSet();
        gate.SetResult();

        var expected = string.Join(',', Enumerable.Range(0, Partitions).Select(p => taken.Contains(p) ? 0 : 1));
        await Eventually.EqualsAsync(expected, _topic.CommittedTextAsync, _deadline);
        var tries = _second.Calls.Count;
        await Eventually.BecomesTrueAsync(() => _second.Calls.Count >= tries + 3, _deadline);
        Assert.Equal(expected, await _topic.CommittedTextAsync());
    }

    private async Task<TestWorker> StartFirstAsync()
    {
        await _topic.ProduceEverywhereAsync(0);
        return await TestWorker.StartAsync([_first.Describe(_topic)], TestTopic.Settings(("subscriberIntervalInSeconds", "1")));
    }
}
