using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>The end of a worker, as requests see it.</summary>
public sealed class HttpDrainTests
{
    // SIGTERM to exit takes 15 s at the most, of which 4 s are the requests'.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task Requests_are_served_while_the_stop_is_delayed_and_see_that_it_drains()
    {
        var time = new FakeTimeProvider();
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("Ready", bindings => Results.Text(bindings.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested ? "draining" : "ready"))],
            new Dictionary<string, string?> { ["SHUTDOWN_DRAIN_SECONDS"] = "30" },
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        Assert.Equal("ready", await worker.Client.GetStringAsync("/Ready"));

        var stop = worker.StopAsync();

        await Eventually.EqualsAsync("draining", () => worker.Client.GetStringAsync("/Ready"));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("draining", await worker.Client.GetStringAsync("/Ready"));
        Assert.False(stop.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));
        await stop;
        await Assert.ThrowsAsync<HttpRequestException>(() => worker.Client.GetStringAsync("/Ready"));
    }

    [Fact]
    public async Task A_request_in_flight_is_answered()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(Http("Slow", async bindings =>
        {
            started.SetResult();
            await gate.Task;
            bindings.SetResult(Results.Text("done"));
        }));
        var answer = worker.Client.GetStringAsync("/Slow");
        await started.Task.WaitAsync(Eventually.DefaultDeadline);

        var stop = worker.StopAsync();
        await Eventually.BecomesTrueAsync(() => worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        gate.SetResult();

        Assert.Equal("done", await answer.WaitAsync(_bound));
        await stop.WaitAsync(_bound);
    }

    [Fact]
    public async Task A_function_that_obeys_its_cancellation_does_not_hold_up_the_stop()
    {
        var started = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(Http("Waits", bindings =>
        {
            started.SetResult();
            return new ValueTask(Task.Delay(Timeout.Infinite, bindings.Context.CancellationToken));
        }));
        var call = worker.Client.GetAsync("/Waits");
        await started.Task.WaitAsync(Eventually.DefaultDeadline);

        await worker.StopAsync(_bound);

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task A_function_that_never_ends_does_not_hold_up_the_stop()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(Http("Hangs", bindings =>
        {
            started.SetResult();
            return new ValueTask(gate.Task);
        }));
        var call = worker.Client.GetAsync("/Hangs");
        await started.Task.WaitAsync(Eventually.DefaultDeadline);

        try
        {
            await worker.StopAsync(_bound);
        }
        finally
        {
            gate.SetResult();
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Connections_that_are_slow_or_silent_do_not_hold_up_the_stop()
    {
        await using var worker = await TestWorker.StartAsync(Http("Reads", async bindings =>
        {
            await bindings.HttpRequest.Body.CopyToAsync(Stream.Null);
            bindings.SetResult(Results.Text("done"));
        }));
        using var silent = await ConnectAsync(worker, "");
        using var halfHead = await ConnectAsync(worker, "GET /Reads HTTP/1.1\r\nHost: lo");
        using var halfBody = await ConnectAsync(worker, "GET /Reads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
        var since = Stopwatch.GetTimestamp();

        await worker.StopAsync(_bound);

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, _bound);
    }

    [Fact]
    public async Task A_worker_without_requests_stops_at_once()
    {
        await using var worker = await TestWorker.StartAsync(TestFunctions.Http("F"));
        await worker.Client.GetStringAsync("/F");

        // Well below the time that requests in flight are given.
        await worker.StopAsync(TimeSpan.FromSeconds(3));
        Assert.True(worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    private static FunctionDescriptor Http(string name, FunctionInvoker invoker) =>
        TestFunctions.Http(name, new HttpTriggerAttribute(AuthorizationLevel.Anonymous), invoker);

    private static async Task<TcpClient> ConnectAsync(TestWorker worker, string text)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", worker.Client.BaseAddress!.Port);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(text));
        return client;
    }
}
