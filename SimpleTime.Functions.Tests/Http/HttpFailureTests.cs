using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>What a caller and the log see of functions that fail.</summary>
public sealed class HttpFailureTests : IAsyncLifetime
{
    private const string Secret = "password=hunter2";

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _started = new();
    private TestWorker _worker = null!;

    public async Task InitializeAsync() => _worker = await TestWorker.StartAsync(
        [
            TestFunctions.Http("Throws", _ => throw new InvalidOperationException(Secret)),
            TestFunctions.Http("Refuses", _ => throw new BadHttpRequestException("The thing is too large.", 413)),
            TestFunctions.Http("Cancels", _ => throw new OperationCanceledException(Secret)),
            TestFunctions.Http("Nothing", _ => null),
            TestFunctions.Http("BadAnswer", _ => new BadAnswer()),
            TestFunctions.Http("NoResult", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get"), bindings =>
            {
                bindings.SetResult(Secret);
                return ValueTask.CompletedTask;
            }),
            TestFunctions.Http("Hangs", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get"), async bindings =>
            {
                _started.SetResult();
                await Task.Delay(Timeout.Infinite, bindings.Context.CancellationToken);
            }),
        ],
        configure: builder => builder.Services.AddSingleton<TimeProvider>(_time));

    public async Task DisposeAsync() => await _worker.DisposeAsync();

    [Theory]
    [InlineData("/Throws")]
    [InlineData("/Cancels")]
    [InlineData("/NoResult")]
    [InlineData("/BadAnswer")]
    public async Task A_failure_is_a_problem_that_tells_nothing_of_the_inside(string path)
    {
        using var response = await _worker.Client.GetAsync(path);

        var problem = await ProblemAsync(response, HttpStatusCode.InternalServerError);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.DoesNotContain("hunter2", problem.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_has_the_exceptions_status_and_words()
    {
        using var response = await _worker.Client.GetAsync("/Refuses");

        var problem = await ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("The thing is too large.", problem.GetProperty("detail").GetString());
        Assert.DoesNotContain(_worker.Logs.All, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_function_that_returns_nothing_answers_with_an_empty_body()
    {
        using var response = await _worker.Client.GetAsync("/Nothing");

        Assert.True(response.IsSuccessStatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/Throws")]
    [InlineData("/BadAnswer")]
    public async Task Failures_are_logged_once_a_minute_with_their_number(string path)
    {
        await FailAsync(path, 5);
        Assert.Single(Errors());

        _time.Advance(TimeSpan.FromSeconds(59));
        await FailAsync(path, 1);
        Assert.Single(Errors());

        _time.Advance(TimeSpan.FromSeconds(1));
        var last = Errors()[^1];
        Assert.Equal(2, Errors().Count);
        Assert.Contains(path[1..], last.Text, StringComparison.Ordinal);
        Assert.Contains("5 failures", last.Text, StringComparison.Ordinal);
        Assert.NotNull(last.Exception);
    }

    [Fact]
    public async Task A_caller_who_goes_away_cancels_the_invocation_without_a_line_in_the_log()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _worker.Client.GetAsync("/Hangs", cancellation.Token);
        await _started.Task.WaitAsync(Eventually.DefaultDeadline);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        // The stop waits for the request.
        await _worker.StopAsync();
        Assert.DoesNotContain(_worker.Logs.All, line => line.Level >= LogLevel.Warning);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Content.Headers.ContentLength > 0);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, json.RootElement.GetProperty("status").GetInt32());
        return json.RootElement.Clone();
    }

    private async Task FailAsync(string path, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await _worker.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }
    }

    private List<LogLines.LogLine> Errors() => [.. _worker.Logs.All.Where(line => line.Level >= LogLevel.Error)];

    private sealed class BadAnswer : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => throw new InvalidOperationException(Secret);
    }
}
