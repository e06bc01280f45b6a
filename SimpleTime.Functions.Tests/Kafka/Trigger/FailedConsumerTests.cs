using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Lifetime;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Consumers that end, or hang, while their function works.</summary>
public sealed class FailedConsumerTests : IDisposable
{
    private const short HeartbeatKey = 12;
    private const int UnknownMemberId = 25;
    private const int FencedInstanceId = 82;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new();
    private readonly RecordedFunction _function = new();
    private readonly RecordedProcess _process = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_function_that_goes_on_when_its_consumer_failed_for_good_ends_the_process()
    {
        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await using var worker = await StartAsync();
        await FailAsync(FencedInstanceId);

        await Eventually.BecomesTrueAsync(() => _function.Calls[0].Context.CancellationToken.IsCancellationRequested, _deadline);
        Assert.Null(_process.ExitCode);
        await Eventually.EqualsAsync(1, () => _process.ExitCode, _deadline);
        await worker.StopAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(1, worker.Logs.Count("The function Consume has not ended 00:00:10 after it was cancelled since its consumer failed: the process ends"));
        Assert.Single(_function.Calls);
        Assert.Equal("0", await _topic.CommittedTextAsync());
        gate.SetResult();
    }

    [Fact]
    public async Task A_function_whose_records_the_group_took_away_is_cancelled()
    {
        _function.Body = call => _function.Calls.Count > 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, call.Context.CancellationToken);
        await using var worker = await StartAsync();
        await FailAsync(UnknownMemberId);

        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(2, _function.Calls.Count);
        Assert.Equal(0, worker.Logs.Count("failed with a batch"));
        Assert.Null(_process.ExitCode);
    }

    [Fact]
    public async Task What_one_consumer_told_the_next_one_does_not_tell_again_within_a_minute()
    {
        _function.Body = _ => throw new InvalidOperationException("No.");
        int calls;
        await using var worker = await StartAsync();
        await FailAsync(FencedInstanceId);
        await Eventually.EqualsAsync(1, () => worker.Logs.Count("failed for good and is replaced"), _deadline);
        calls = _function.Calls.Count;
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > calls + 1, _deadline);

        Assert.Equal(1, worker.Logs.Count("failed with a batch"));
        await worker.StopAsync();
        Assert.Equal(1, worker.Logs.Count("1 failures since this was last logged"));
        Assert.Equal(2, worker.Logs.Count("failed with a batch"));
    }

    [Fact]
    public async Task A_consumer_that_hangs_ends_the_process_in_order()
    {
        using var log = new HangingLog("partitions were assigned");
        await using var worker = await StartAsync(log, ("maxPollIntervalMs", "3000"));

        await Eventually.EqualsAsync(1, () => _process.ExitCode, _deadline);
        await worker.StopAsync(TimeSpan.FromSeconds(12));

        Assert.Equal(1, worker.Logs.Count("more than twice max.poll.interval: the process ends"));
        Assert.Null(_process.Exited);
        log.Release();
    }

    private async Task FailAsync(int error)
    {
        await Eventually.BecomesTrueAsync(() => _function.Calls.Count > 0, _deadline);
        _topic.Broker.PushRequestErrors(HeartbeatKey, error);
    }

    private async Task<TestWorker> StartAsync(ILoggerProvider? log = null, params (string Key, string Value)[] kafka)
    {
        await _topic.ProduceAsync(0, "a");
        var settings = TestTopic.Settings([("commitOnFailure", "false"), ("maxRetries", "-1"), .. kafka]);
        settings["AzureFunctionsJobHost:functionTimeout"] = "-1";
        return await TestWorker.StartAsync([_function.Describe(_topic)], settings, builder =>
        {
            builder.Services.AddSingleton<IProcess>(_process);
            if (log is not null)
            {
                builder.Logging.AddProvider(log);
            }
        });
    }

    /// <summary>A log whose writer waits at a line.</summary>
    private sealed class HangingLog(string line) : ILoggerProvider, ILogger
    {
        private readonly ManualResetEventSlim _released = new();

        public void Release() => _released.Set();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(line, StringComparison.Ordinal))
            {
                _released.Wait();
            }
        }

        public void Dispose()
        {
        }
    }
}
