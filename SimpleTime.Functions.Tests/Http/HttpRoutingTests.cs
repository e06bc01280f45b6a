using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>Which request gets to which function, and what the others are told.</summary>
public sealed class HttpRoutingTests : IAsyncLifetime
{
    private TestWorker _worker = null!;

    public async Task InitializeAsync() => _worker = await TestWorker.StartAsync(
        TestFunctions.Http("Home", TestFunctions.RootRoute),
        TestFunctions.Http("Named"),
        TestFunctions.Http("Item", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "Get", "PUT") { Route = "items/{id:int}" },
            bindings => Results.Text($"{bindings.HttpRequest.Method} {bindings.HttpRequest.RouteValues["id"]}")),
        TestFunctions.Http("Any", new HttpTriggerAttribute(AuthorizationLevel.Anonymous) { Route = "any" },
            bindings => Results.Text(bindings.HttpRequest.Method)),
        TestFunctions.Http("Head", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "head") { Route = "head" }, _ => Results.Text("body")));

    public async Task DisposeAsync() => await _worker.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/?x=1")]
    [InlineData("")]
    public async Task The_root_route_answers_the_root(string path) => Assert.Equal("Home", await _worker.Client.GetStringAsync(path));

    [Theory]
    [InlineData("GET", "/unknown")]
    [InlineData("GET", "/x/y")]
    [InlineData("GET", "/%20")]
    [InlineData("GET", "//")]
    [InlineData("GET", "/items/abc")]
    [InlineData("GET", "/items")]
    [InlineData("POST", "/unknown")]
    [InlineData("HEAD", "/unknown")]
    [InlineData("DELETE", "/x/y")]
    [InlineData("PUT", "/items/abc")]
    public async Task An_unknown_path_is_not_found_whatever_the_method(string method, string path)
    {
        // As a relative reference "//" would name a host.
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_worker.Client.BaseAddress!.ToString().TrimEnd('/') + path));
        using var response = await _worker.Client.SendAsync(request);

        await AssertProblemAsync(response, HttpStatusCode.NotFound, hasBody: method != "HEAD");
        Assert.Empty(response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("POST", "/", "GET")]
    [InlineData("HEAD", "/", "GET")]
    [InlineData("OPTIONS", "/Named", "GET")]
    [InlineData("DELETE", "/items/5", "GET,PUT")]
    [InlineData("GET", "/head", "HEAD")]
    public async Task A_wrong_method_on_a_known_path_is_told_the_right_ones(string method, string path, string allowed)
    {
        using var response = await SendAsync(method, path);

        await AssertProblemAsync(response, HttpStatusCode.MethodNotAllowed, hasBody: method != "HEAD");
        Assert.Equal(allowed.Split(','), response.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("GET", "/items/5", "GET 5")]
    [InlineData("PUT", "/items/6", "PUT 6")]
    [InlineData("GET", "/Named", "Named")]
    [InlineData("GET", "/named", "Named")]
    public async Task A_function_answers_its_route_and_methods(string method, string path, string expected)
    {
        using var response = await SendAsync(method, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("DELETE")]
    public async Task A_function_without_methods_answers_all(string method)
    {
        using var response = await SendAsync(method, "/any");

        Assert.Equal(method, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Head_gives_the_length_without_the_body()
    {
        using var response = await SendAsync("HEAD", "/head");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_refusal_says_nothing_of_the_server()
    {
        using var response = await SendAsync("GET", "/unknown");

        Assert.Empty(response.Headers.Server);
    }

    [Theory]
    [InlineData("v1", "/v1", "/v1/Named")]
    [InlineData("/v1/", "/v1/", "/v1/Named")]
    [InlineData("a/b", "/a/b", "/a/b/Named")]
    public async Task A_route_prefix_stands_before_each_route(string prefix, string root, string named)
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("Home", TestFunctions.RootRoute), TestFunctions.Http("Named")],
            new Dictionary<string, string?> { ["AzureFunctionsJobHost:extensions:http:routePrefix"] = prefix });

        Assert.Equal("Home", await worker.Client.GetStringAsync(root));
        Assert.Equal("Named", await worker.Client.GetStringAsync(named));
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Client.GetAsync("/Named")).StatusCode);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, bool hasBody)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Content.Headers.ContentLength > 0);
        var body = await response.Content.ReadAsStringAsync();
        if (hasBody)
        {
            using var json = JsonDocument.Parse(body);
            Assert.Equal((int)status, json.RootElement.GetProperty("status").GetInt32());
            Assert.NotEmpty(json.RootElement.GetProperty("detail").GetString()!);
        }
        else
        {
            Assert.Empty(body);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await _worker.Client.SendAsync(request);
    }
}
