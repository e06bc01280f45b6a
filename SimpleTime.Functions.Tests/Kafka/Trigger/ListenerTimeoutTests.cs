using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Lifetime;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Records on their way to a function that takes longer than host.json's <c>functionTimeout</c>.</summary>
public sealed class ListenerTimeoutTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly TestTopic _topic = new();
    private readonly RecordedFunction _function = new();
    private readonly RecordedProcess _process = new();

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task A_batch_whose_function_is_cancelled_is_tried_again()
    {
        var hangs = true;
        _function.Body = call => hangs ? Task.Delay(Timeout.Infinite, call.Context.CancellationToken) : Task.CompletedTask;
        await _topic.ProduceAsync(0, "a");
        await using var worker = await StartAsync();

        await Eventually.EqualsAsync("The function Consume did not end within 00:00:01 and was cancelled.", () => worker.Kafka.PausedReason, _deadline);
        Assert.Equal("0", await _topic.CommittedTextAsync());
        hangs = false;

        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);
        Assert.Equal(["a"], _function.Done);
        Assert.Null(_process.ExitCode);
        Assert.Equal(1, worker.Logs.Count("functionTimeout"));
    }

    [Fact]
    public async Task A_function_that_ignores_its_cancellation_ends_the_process_and_its_batch_comes_again()
    {
        var gate = new TaskCompletionSource();
        _function.Body = _ => gate.Task;
        await _topic.ProduceAsync(0, "a");
        await using (var worker = await StartAsync())
        {
            await Eventually.EqualsAsync(1, () => _process.ExitCode, _deadline);
            await worker.StopAsync(TimeSpan.FromSeconds(12));
            Assert.Equal(1, worker.Logs.Count("The function Consume has not ended 00:00:10 after it was cancelled"));
        }

        Assert.Equal("0", await _topic.CommittedTextAsync());
        _function.Body = null;
        await using var next = await StartAsync();
        await Eventually.EqualsAsync("1", _topic.CommittedTextAsync, _deadline);
        gate.SetResult();
    }

    private Task<TestWorker> StartAsync()
    {
        var settings = new Dictionary<string, string?>(TestTopic.Settings()) { ["AzureFunctionsJobHost:functionTimeout"] = "00:00:01" };
        return TestWorker.StartAsync([_function.Describe(_topic)], settings, builder => builder.Services.AddSingleton<IProcess>(_process));
    }
}
