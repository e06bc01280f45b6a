using System.Diagnostics.Metrics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Records on their way to a function that fails.</summary>
public sealed class ListenerRetryTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new();
    private readonly RecordedFunction _function = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_batch_is_tried_until_it_succeeds_and_the_reason_is_shown_meanwhile()
    {
        var isBroken = true;
        _function.Body = _ => isBroken ? throw new InvalidOperationException("The disk is\nfull.") : Task.CompletedTask;
        await _topic.ProduceAsync(0, "a");
        await using var worker = await StartAsync(new FixedDelayRetryAttribute(-1, "00:00:00.1"), ("commitOnFailure", "true"));

        using var metering = new Metering(worker.Services.GetRequiredService<IMeterFactory>());

        await Eventually.EqualsAsync("The disk is full.", () => worker.Kafka.PausedReason, _deadline);
        Assert.Equal(1, metering.Observe("functions.kafka.trigger.paused"));
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count >= 4, _deadline);
        await Eventually.BecomesTrueAsync(() => metering.Sum("functions.kafka.trigger.retries") >= 1 && metering.Sum("faas.errors") >= 1);
        Assert.Equal("0", await _topic.CommittedTextAsync());
        Assert.Equal(1, worker.Logs.Count("is tried again"));
        isBroken = false;

        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);
        await Eventually.EqualsAsync(null, () => worker.Kafka.PausedReason, _deadline);
        Assert.Equal(0, metering.Observe("functions.kafka.trigger.paused"));
        Assert.Contains(metering.Of("messaging.process.duration"), m => m.Tags.GetValueOrDefault("error.type") is "System.InvalidOperationException");
        Assert.Contains(metering.Of("messaging.process.duration"), m => !m.Tags.ContainsKey("error.type"));
        Assert.Equal(["a"], _function.Done);
        Assert.Equal(Enumerable.Range(0, _function.Calls.Count), _function.Calls.Select(call => call.Context.RetryContext.RetryCount));
        Assert.All(_function.Calls, call => Assert.Equal(-1, call.Context.RetryContext.MaxRetryCount));
        Assert.Equal(1, worker.Logs.Count("works again"));
    }

    [Fact]
    public async Task A_consumer_whose_function_fails_is_up_and_says_why_it_rests()
    {
        _function.Body = _ => throw new InvalidOperationException("No.");
        await _topic.ProduceAsync(0, "a");
        await using var worker = await StartAsync(new FixedDelayRetryAttribute(-1, "00:00:00.1"));
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count >= 3 && worker.Kafka.IsUp, _deadline);

        await Eventually.EqualsAsync(KafkaClientState.Up, () => worker.Kafka.Consumer, TimeSpan.FromSeconds(5));
        Assert.Equal("No.", worker.Kafka.PausedReason);
    }

    [Theory]
    [InlineData(2, "true", "-1", 3)]
    [InlineData(1, "false", "1", 3)]
    [InlineData(null, "false", "1", 2)]
    [InlineData(null, "true", "5", 1)]
    public async Task A_batch_whose_retries_are_used_up_is_skipped(int? ofFunction, string commitOnFailure, string maxRetries, int attempts)
    {
        _function.Body = call => call.Values.Contains("bad") ? throw new InvalidOperationException("No.") : Task.CompletedTask;
        var retry = ofFunction is { } count ? new FixedDelayRetryAttribute(count, "00:00:00.05") : null;
        await _topic.ProduceAsync(0, "bad", "good");
        await using var worker = await StartAsync(
            retry, ("commitOnFailure", commitOnFailure), ("maxRetries", maxRetries), ("maxBatchSize", "1"));

        await Eventually.EqualsAsync("2", _topic.CommittedTextAsync, _deadline);

        Assert.Equal(["good"], _function.Done);
        Assert.Equal(attempts, _function.Calls.Count(call => call.Values.Contains("bad")));
        Assert.Equal(1, worker.Logs.Count("failed for good"));
        await Eventually.EqualsAsync(null, () => worker.Kafka.PausedReason, _deadline);
    }

    [Fact]
    public async Task Nothing_else_is_taken_while_a_batch_is_tried_again()
    {
        var isBroken = true;
        _function.Body = _ => isBroken ? throw new InvalidOperationException("No.") : Task.CompletedTask;
        await _topic.ProduceAsync(0, "a");
        await using var worker = await StartAsync(new FixedDelayRetryAttribute(-1, "00:00:00.1"));
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count >= 2, _deadline);

        await _topic.ProduceAsync(0, Enumerable.Range(0, 50).Select(i => $"{i}").ToArray());
        var before = _function.Calls.Count;
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count >= before + 3, _deadline);
        Assert.All(_function.Calls, call => Assert.Equal("a", Assert.Single(call.Values)));
        isBroken = false;

        await Eventually.EqualsAsync("51", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["a", .. Enumerable.Range(0, 50).Select(i => $"{i}")], _function.Done);
    }

    [Fact]
    public async Task A_failing_function_does_not_hold_up_the_stop_and_its_batch_comes_again()
    {
        _function.Body = _ => throw new InvalidOperationException("No.");
        await _topic.ProduceAsync(0, "a");
        await using (var worker = await StartAsync(new FixedDelayRetryAttribute(-1, "00:10:00")))
        {
            await Eventually.BecomesTrueAsync(() => worker.Kafka.PausedReason is not null, _deadline);
            await worker.StopAsync(TimeSpan.FromSeconds(10));
        }

        Assert.Equal("0", await _topic.CommittedTextAsync());
        _function.Body = null;
        await using var next = await StartAsync(null);
        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["a"], _function.Done);
    }

    private Task<TestWorker> StartAsync(RetryAttribute? retry, params (string Key, string Value)[] kafka) =>
        TestWorker.StartAsync([_function.Describe(_topic, retry: retry)], TestTopic.Settings(kafka));
}
