using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>What a trace shows of a consumer.</summary>
public sealed class ConsumerSpanTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new(2);

    // Other tests make spans at the same time: a group of this one's own tells them apart.
    private readonly string _group = $"spans-{Guid.NewGuid()}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public ConsumerSpanTests()
    {
        _listener = new ActivityListener
        {
            // By name: to ask for the source itself may be what makes it.
            ShouldListenTo = source => source.Name == WorkerMeter.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name.EndsWith($" {TestTopic.Name}", StringComparison.Ordinal)
                && options.Kind is ActivityKind.Client or ActivityKind.Consumer ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if ((string?)span.GetTagItem("messaging.consumer.group.name") == _group)
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _topic.Dispose();
    }

    [Fact]
    public async Task A_batch_is_polled_then_processed_then_committed()
    {
        var sender = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        await _topic.ProduceAsync(1, new Message<string?, string>
        {
            Value = "a",
            Headers = [new Header("traceparent", System.Text.Encoding.ASCII.GetBytes($"00-{sender.TraceId}-{sender.SpanId}-01"))],
        });
        await using var worker = await StartAsync(new RecordedFunction(), ("autoCommitIntervalMs", "100"));

        // That of the starts of the three partitions has no offset.
        await Eventually.BecomesTrueAsync(() => Spans("commit").Exists(span => span.GetTagItem("messaging.kafka.offset") is not null), _deadline);

        var poll = Assert.Single(Spans("poll"));
        var process = Assert.Single(Spans("process"));
        var commit = Assert.Single(Spans("commit"), span => span.GetTagItem("messaging.kafka.offset") is not null);
        Assert.All([poll, process], span => Assert.Equal((sender.TraceId, sender.SpanId), (Assert.Single(span.Links).Context.TraceId, span.Links.Single().Context.SpanId)));
        Assert.Equal(default, poll.ParentSpanId);
        Assert.All([process, commit], span => Assert.Equal((poll.TraceId, poll.SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.All([poll, process, commit], span => Assert.Equal(
            ("1", ActivityStatusCode.Unset), (span.GetTagItem("messaging.destination.partition.id"), span.Status)));
        Assert.Equal(0L, poll.GetTagItem("messaging.kafka.offset"));
        Assert.Equal(1L, commit.GetTagItem("messaging.kafka.offset"));

        // What it stands for is whole: from the storing of the offset, which follows the invocation.
        Assert.True(poll.StartTimeUtc + poll.Duration <= process.StartTimeUtc + process.Duration);
        Assert.True(commit.StartTimeUtc + commit.Duration > process.StartTimeUtc + process.Duration);
    }

    [Fact]
    public async Task A_commit_is_in_the_trace_of_the_first_batch_that_it_ends_and_linked_to_the_others()
    {
        foreach (var value in (string[])["a", "b", "c"])
        {
            await _topic.ProduceAsync(0, new Message<string?, string> { Value = value });
        }

        await using var worker = await StartAsync(new RecordedFunction(), ("maxBatchSize", "1"), ("autoCommitIntervalMs", "2000"));
        await Eventually.BecomesTrueAsync(() => Spans("commit").Exists(span => span.GetTagItem("messaging.kafka.offset") is 3L), _deadline);

        var polls = Spans("poll");
        Assert.Equal(3, polls.Count);
        var commit = Assert.Single(Spans("commit"), span => span.GetTagItem("messaging.kafka.offset") is 3L);
        Assert.Equal((polls[0].TraceId, polls[0].SpanId), (commit.TraceId, commit.ParentSpanId));
        Assert.Equal(polls.Skip(1).Select(poll => poll.SpanId), commit.Links.Select(link => link.Context.SpanId));
    }

    [Fact]
    public async Task A_batch_that_failed_says_why_and_is_tried_again_in_the_same_trace()
    {
        var failures = 0;
        await _topic.ProduceAsync(0, new Message<string?, string> { Value = "a" });
        await using var worker = await StartAsync(new RecordedFunction
        {
            Body = _ => Interlocked.Increment(ref failures) == 1 ? throw new InvalidOperationException("The first\ntime.") : Task.CompletedTask,
        });
        await Eventually.BecomesTrueAsync(() => Spans("process").Count == 2, _deadline);

        Assert.Equal(
            [(ActivityStatusCode.Error, "The first time."), (ActivityStatusCode.Unset, null)],
            Spans("process").Select(span => (span.Status, span.StatusDescription)));
        Assert.All(Spans("process"), span => Assert.Equal(Assert.Single(Spans("poll")).SpanId, span.ParentSpanId));
    }

    private List<Activity> Spans(string operation) => [.. _spans.Where(span => span.DisplayName == $"{operation} {TestTopic.Name}")];

    private Task<TestWorker> StartAsync(RecordedFunction function, params (string Key, string Value)[] kafka) => TestWorker.StartAsync(
        [function.Describe(new KafkaTriggerAttribute(_topic.Brokers, TestTopic.Name) { ConsumerGroup = _group, IsBatched = true })], TestTopic.Settings(kafka));
}
