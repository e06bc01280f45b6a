using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Lifetime;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Invocation;

/// <summary>HTTP functions that take longer than host.json's <c>functionTimeout</c>.</summary>
public sealed class FunctionTimeoutTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedProcess _process = new();
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource _gate = new();

    [Fact]
    public async Task What_honours_its_cancellation_is_answered_with_500_and_one_line()
    {
        var running = 0;
        await using var worker = await StartAsync(Http("Hangs", async bindings =>
        {
            Interlocked.Increment(ref running);
            await Task.Delay(Timeout.Infinite, bindings.Context.CancellationToken);
        }));
        var calls = Enumerable.Range(0, 3).Select(_ => worker.Client.GetAsync("/Hangs")).ToArray();
        await Eventually.EqualsAsync(3, () => Volatile.Read(ref running));

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        _time.Advance(TimeSpan.FromSeconds(1));

        foreach (var call in calls)
        {
            using var answer = await call;
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }

        var line = Assert.Single(worker.Logs.All, l => l.Text.Contains("functionTimeout", StringComparison.Ordinal));
        Assert.Equal(
            "The function Hangs did not end within its functionTimeout of 00:01:00 and is cancelled; 3 invocations since this was last logged.", line.Text);
        var failure = Assert.Single(worker.Logs.All, l => l.Exception is TimeoutException);
        Assert.Contains("did not end within 00:01:00", failure.Exception!.Message, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_process.ExitCode);
    }

    [Fact]
    public async Task A_token_that_is_asked_for_too_late_is_cancelled_already()
    {
        var isCancelled = new TaskCompletionSource<bool>();
        await using var worker = await StartAsync(Http("Hangs", async bindings =>
        {
            _started.SetResult();
            await _gate.Task;
            isCancelled.SetResult(bindings.Context.CancellationToken.IsCancellationRequested);
        }));
        var call = worker.Client.GetAsync("/Hangs");
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);

        _time.Advance(TimeSpan.FromMinutes(1));
        _gate.SetResult();

        Assert.True(await isCancelled.Task.WaitAsync(Eventually.DefaultDeadline));
        (await call).Dispose();
    }

    [Fact]
    public async Task What_ignores_its_cancellation_ends_the_process_in_order_and_at_once()
    {
        var other = new TaskCompletionSource();
        var otherStarted = new TaskCompletionSource();
        await using var worker = await StartAsync(
            [
                Http("Hangs", async _ =>
                {
                    _started.SetResult();
                    await _gate.Task;
                }),
                Http("Slow", async bindings =>
                {
                    otherStarted.SetResult();
                    await other.Task;
                    bindings.SetResult(Results.Text("done"));
                }),
            ],
            ("SHUTDOWN_DRAIN_SECONDS", "3600"));
        var hangs = worker.Client.GetAsync("/Hangs");
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);
        _time.Advance(TimeSpan.FromSeconds(60));
        var slow = worker.Client.GetStringAsync("/Slow");
        await otherStarted.Task.WaitAsync(Eventually.DefaultDeadline);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(_process.ExitCode);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _process.ExitCode);
        Assert.True(worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        var critical = Assert.Single(worker.Logs.All, l => l.Level == LogLevel.Critical);
        Assert.StartsWith(
            "The function Hangs has not ended 00:00:10 after it was cancelled for its functionTimeout of 00:01:00: the process ends", critical.Text, StringComparison.Ordinal);

        var since = Stopwatch.GetTimestamp();
        var stop = worker.StopAsync(TimeSpan.FromSeconds(12));
        other.SetResult();
        Assert.Equal("done", await slow.WaitAsync(Eventually.DefaultDeadline));
        await stop;

        // Neither the hour of the drain nor the function that hangs holds it up; 5 s are the requests'.
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(12));
        Assert.Null(_process.Exited);
        _gate.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => hangs);
    }

    [Fact]
    public async Task A_host_that_does_not_stop_then_is_ended_at_once()
    {
        using var lifetime = new ImmovableLifetime();
        var fatal = new FatalStop(lifetime, _process, _time, new LoggerFactory().CreateLogger<FatalStop>());

        fatal.Begin("Something is wrong");
        fatal.Begin("Something else is wrong");

        Assert.Equal(1, lifetime.Stops);
        Assert.Equal(1, _process.ExitCode);
        await fatal.Begun;
        _time.Advance(TimeSpan.FromSeconds(13));
        Assert.Null(_process.Exited);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _process.Exited);
    }

    [Fact]
    public async Task A_caller_who_sends_a_body_too_slowly_does_not_end_the_process()
    {
        var ended = new TaskCompletionSource();
        await using var worker = await StartAsync(Http("Reads", async bindings =>
        {
            _started.SetResult();
            try
            {
                await bindings.HttpRequest.Body.CopyToAsync(Stream.Null, CancellationToken.None);
            }
            finally
            {
                ended.SetResult();
            }
        }));
        using var metering = new Metering(worker.Services.GetRequiredService<IMeterFactory>());
        using var caller = new TcpClient();
        await caller.ConnectAsync("127.0.0.1", worker.Client.BaseAddress!.Port);
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /Reads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"));
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(ended.Task.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(8));

        await ended.Task.WaitAsync(Eventually.DefaultDeadline);
        await Eventually.EqualsAsync(1L, () => metering.Observe("faas.invocations"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_process.ExitCode);
    }

    [Fact]
    public async Task Without_an_end_nothing_is_cancelled()
    {
        await using var worker = await StartAsync(
            [
                Http("Hangs", async bindings =>
                {
                    _started.SetResult();
                    await _gate.Task.WaitAsync(bindings.Context.CancellationToken);
                    bindings.SetResult(Results.Text("done"));
                }),
            ],
            ("AzureFunctionsJobHost:functionTimeout", "-1"));
        var call = worker.Client.GetStringAsync("/Hangs");
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);

        _time.Advance(TimeSpan.FromDays(100));
        _gate.SetResult();

        Assert.Equal("done", await call);
    }

    [Fact]
    public async Task A_caller_who_goes_away_still_cancels()
    {
        var cancelled = new TaskCompletionSource();
        await using var worker = await StartAsync(Http("Hangs", async bindings =>
        {
            await using var registration = bindings.Context.CancellationToken.Register(cancelled.SetResult);
            _started.SetResult();
            await cancelled.Task;
        }));
        using var cancellation = new CancellationTokenSource();
        var call = worker.Client.GetAsync("/Hangs", cancellation.Token);
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);

        await cancellation.CancelAsync();

        await cancelled.Task.WaitAsync(Eventually.DefaultDeadline);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData(null, "00:30:00")]
    [InlineData("00:05:00", "00:05:00")]
    [InlineData(" 00:00:01 ", "00:00:01")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    [InlineData("-1", null)]
    public void The_timeout_is_read_from_host_json(string? value, string? expected)
    {
        var (host, _) = TestWorker.Build([], new Dictionary<string, string?> { ["AzureFunctionsJobHost:functionTimeout"] = value });
        using (host)
        {
            Assert.Equal(expected, host.Services.GetRequiredService<HostSettings>().FunctionTimeout?.ToString());
            Assert.Empty(host.Services.GetRequiredService<StartupNotices>().Lines);
        }
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("00:00:00")]
    [InlineData("00:00:00.5")]
    [InlineData("-00:05:00")]
    [InlineData("-2")]
    [InlineData("00:99:00")]
    public void A_wrong_timeout_is_one_line_and_the_default_holds(string value)
    {
        var (host, _) = TestWorker.Build([], new Dictionary<string, string?> { ["AzureFunctionsJobHost:functionTimeout"] = value });
        using (host)
        {
            Assert.Equal(TimeSpan.FromMinutes(30), host.Services.GetRequiredService<HostSettings>().FunctionTimeout);
            Assert.Equal(
                $"The setting AzureFunctionsJobHost:functionTimeout is \"{value}\" but must be a time from 00:00:01 on as hours:minutes:seconds, or -1 for no end; 00:30:00 is used.",
                Assert.Single(host.Services.GetRequiredService<StartupNotices>().Lines));
        }
    }

    private static FunctionDescriptor Http(string name, FunctionInvoker invoker) =>
        TestFunctions.Http(name, new HttpTriggerAttribute(AuthorizationLevel.Anonymous), invoker);

    private Task<TestWorker> StartAsync(FunctionDescriptor function) => StartAsync([function]);

    private Task<TestWorker> StartAsync(FunctionDescriptor[] functions, params (string Key, string? Value)[] settings) => TestWorker.StartAsync(
        functions,
        settings.Prepend(("AzureFunctionsJobHost:functionTimeout", "00:01:00")).GroupBy(s => s.Item1).ToDictionary(g => g.Key, g => g.Last().Item2),
        builder => builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<IProcess>(_process));

    private sealed class ImmovableLifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _never = new();

        public int Stops { get; private set; }

        public CancellationToken ApplicationStarted => _never.Token;

        public CancellationToken ApplicationStopping => _never.Token;

        public CancellationToken ApplicationStopped => _never.Token;

        public void StopApplication() => Stops++;

        public void Dispose() => _never.Dispose();
    }
}
