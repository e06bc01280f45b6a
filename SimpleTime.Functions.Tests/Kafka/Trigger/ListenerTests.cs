using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Records on their way to a function that works.</summary>
public sealed class ListenerTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new(3);
    private readonly RecordedFunction _function = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_batched_function_gets_everything_once_and_each_partition_in_order()
    {
        var expected = new List<string>();
        for (var partition = 0; partition < 3; partition++)
        {
            var values = Enumerable.Range(0, 10).Select(i => $"{partition}:{i}").ToArray();
            await _topic.ProduceAsync(partition, values);
            expected.AddRange(values);
        }

        await using var worker = await _function.StartAsync(_topic, ("maxBatchSize", "7"));

        await Eventually.EqualsAsync("10,10,10", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(expected, _function.Done.OrderBy(value => value[0]));
        Assert.All(_function.Calls, call => Assert.InRange(call.Records.Length, 1, 7));
        Assert.Contains(_function.Calls, call => call.Records.Length > 1);
        Assert.All(_function.Calls, call => Assert.Equal((0, "kafkaTrigger"),
            (call.Context.RetryContext.RetryCount, call.Context.FunctionDefinition.InputBindings.Values.Single().Type)));
    }

    [Fact]
    public async Task A_batch_waits_for_more_records_as_long_as_it_may()
    {
        await using var worker = await _function.StartAsync(_topic, ("subscriberIntervalInSeconds", "60"), ("maxBatchSize", "3"));
        await Eventually.BecomesTrueAsync(() => worker.Kafka.Consumer == KafkaClientState.Up, _deadline);

        await _topic.ProduceAsync(0, "a");
        await _topic.ProduceAsync(1, "b");
        await _topic.ProduceAsync(2, "c");

        await Eventually.EqualsAsync(3, () => _function.Done.Count, _deadline);
        Assert.Single(_function.Calls);
    }

    [Fact]
    public async Task A_function_that_takes_one_record_gets_them_one_at_a_time_in_order()
    {
        var values = Enumerable.Range(0, 30).Select(i => $"{i}").ToArray();
        await _topic.ProduceAsync(1, values);

        await using var worker = await TestWorker.StartAsync(
            [_function.Describe(_topic, isBatched: false)], TestTopic.Settings(("maxBatchSize", "7")));

        await Eventually.EqualsAsync("0,30,0", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(values, _function.Done);
        Assert.All(_function.Calls, call => Assert.Single(call.Records));
    }

    [Fact]
    public async Task A_record_comes_with_all_it_has()
    {
        await _topic.ProduceAsync(2, new Message<string?, string>
        {
            Key = "key",
            Value = "value",
            Timestamp = new Timestamp(1_700_000_000_123, TimestampType.CreateTime),
            Headers = [new Header("name", [7])],
        });

        await using var worker = await _function.StartAsync(_topic);

        await Eventually.EqualsAsync(1, () => _function.Done.Count, _deadline);
        var record = _function.Calls[0].Records[0];
        Assert.Equal((TestTopic.Name, 2, 0L), (record.Topic, record.Partition, record.Offset));
        Assert.Equal("key"u8.ToArray(), record.Key);
        Assert.Equal((1_700_000_000_123, KafkaTimestampType.CreateTime), (record.Timestamp!.UnixTimestampMs, record.Timestamp.Type));
        Assert.Equal("name", Assert.Single(record.Headers).Key);
    }

    [Fact]
    public async Task Offsets_are_committed_after_success_and_not_before()
    {
        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await _topic.ProduceAsync(0, "a", "b");
        await using var worker = await _function.StartAsync(_topic);

        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0, _deadline);
        // Longer than the wait without a pause and many commit intervals.
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(2))
        {
            Assert.Equal("0,0,0", await _topic.CommittedTextAsync());
            await Task.Delay(100);
        }

        gate.SetResult();
        await Eventually.EqualsAsync("2,0,0", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["a", "b"], _function.Done);
    }

    [Fact]
    public async Task Each_batch_has_a_scope_and_an_invocation_of_its_own()
    {
        await using var worker = await TestWorker.StartAsync([_function.Describe(_topic, isBatched: false)], TestTopic.Settings());
        await _topic.ProduceAsync(0, "a", "b");

        await Eventually.EqualsAsync(2, () => _function.Done.Count, _deadline);
        var calls = _function.Calls;
        Assert.NotEqual(calls[0].Context.InvocationId, calls[1].Context.InvocationId);
        Assert.NotSame(calls[0].Context.InstanceServices, calls[1].Context.InstanceServices);
    }

    [Fact]
    public async Task A_consumer_that_is_always_busy_is_up()
    {
        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await _topic.ProduceAsync(0, "a");
        await using var worker = await _function.StartAsync(_topic);
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0 && worker.Kafka.IsUp, _deadline);

        try
        {
            await Eventually.EqualsAsync(KafkaClientState.Up, () => worker.Kafka.Consumer, TimeSpan.FromSeconds(5));
        }
        finally
        {
            gate.SetResult();
        }
    }

    [Fact]
    public async Task A_broker_that_goes_away_and_comes_back_costs_no_record()
    {
        await using var worker = await _function.StartAsync(_topic);
        await _topic.ProduceAsync(0, "a");
        await Eventually.EqualsAsync("1,0,0", _topic.CommittedTextAsync, _deadline);

        _topic.SetDown();
        await Eventually.EqualsAsync(false, () => worker.Kafka.IsUp, _deadline);
        _topic.SetUp();
        await _topic.ProduceAsync(0, "b");
        await _topic.ProduceAsync(2, "c");

        await Eventually.EqualsAsync("2,0,1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["a", "b", "c"], _function.Done.Distinct().Order());
    }
}
