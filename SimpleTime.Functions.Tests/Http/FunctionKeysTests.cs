using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>Function keys, and who needs none.</summary>
public sealed class FunctionKeysTests : IAsyncLifetime
{
    private TestWorker _keyed = null!;
    private TestWorker _developer = null!;

    public async Task InitializeAsync()
    {
        _keyed = await StartAsync(Environments.Production, " first , ,secönd+/=");
        _developer = await StartAsync(Environments.Development, " , ");
    }

    public async Task DisposeAsync()
    {
        await _keyed.DisposeAsync();
        await _developer.DisposeAsync();
    }

    [Theory]
    [InlineData("first", null)]
    [InlineData(null, "first")]
    [InlineData(null, "sec%C3%B6nd%2B%2F%3D")]
    [InlineData("wrong", "first")]
    [InlineData("first", "wrong")]
    public async Task Each_configured_key_opens_the_function(string? header, string? query) =>
        Assert.Equal(HttpStatusCode.OK, await CallAsync(_keyed, header, query));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(null, "")]
    [InlineData("wrong", null)]
    [InlineData(null, "wrong")]
    [InlineData("FIRST", null)]
    [InlineData("first,", null)]
    [InlineData("first , ,sec", null)]
    [InlineData("firs", "firstt")]
    public async Task Any_other_request_is_refused(string? header, string? query) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(_keyed, header, query));

    [Fact]
    public async Task A_refusal_is_a_problem_with_a_length_that_says_what_is_missing()
    {
        using var response = await _keyed.Client.GetAsync("/Keyed?code=secret-guess");

        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Contains("x-functions-key", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-guess", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anonymous_function_needs_no_key() => Assert.Equal("Open", await _keyed.Client.GetStringAsync("/Open"));

    [Fact]
    public async Task Without_keys_nobody_gets_in_in_production()
    {
        await using var worker = await StartAsync(Environments.Production, null);

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(worker, null, null, "localhost"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(worker, "", "", "localhost"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    [InlineData("localhost:7071")]
    public async Task A_developer_at_the_machine_needs_no_key(string host) =>
        Assert.Equal(HttpStatusCode.OK, await CallAsync(_developer, null, null, host));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("example.org")]
    [InlineData("localhost.example.org")]
    [InlineData("localhost.")]
    public async Task A_developer_must_have_asked_for_localhost(string host) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(_developer, null, null, host));

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x-forwarded-host", "localhost")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded-For", "")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Origin", "http://localhost")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_request_that_came_through_something_needs_a_key(string header, string value) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(_developer, null, null, "localhost", (header, value)));

    [Fact]
    public async Task A_configured_key_ends_the_developers_exemption()
    {
        await using var worker = await StartAsync(Environments.Development, "key");

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(worker, null, null, "localhost"));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(worker, "key", null, "localhost"));
    }

    [Fact]
    public async Task The_function_does_not_run_for_a_refused_request()
    {
        var ran = false;
        await using var worker = await TestWorker.StartAsync(TestFunctions.Http("Keyed", new HttpTriggerAttribute("get"), _ =>
        {
            ran = true;
            return null;
        }));

        await CallAsync(worker, "guess", null);

        Assert.False(ran);
    }

    private static Task<TestWorker> StartAsync(string environment, string? keys) => TestWorker.StartAsync(
        [TestFunctions.Http("Keyed", new HttpTriggerAttribute("get"), _ => Results.Text("Keyed")), TestFunctions.Http("Open")],
        new Dictionary<string, string?> { ["FUNCTIONS_KEYS"] = keys },
        environment: environment);

    private static async Task<HttpStatusCode> CallAsync(
        TestWorker worker, string? key, string? code, string? host = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, code is null ? "/Keyed" : $"/Keyed?code={code}");
        request.Headers.Host = host;
        foreach (var (name, value) in headers.Concat(key is null ? [] : [("x-functions-key", key)]))
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await worker.Client.SendAsync(request);
        return response.StatusCode;
    }
}
