using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>Requests that a well-behaved client does not send.</summary>
public sealed class RawRequestTests : IAsyncLifetime
{
    private TestWorker _worker = null!;

    public async Task InitializeAsync() => _worker = await TestWorker.StartAsync(
        TestFunctions.Http("Home", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get") { Route = TestFunctions.RootRoute },
            bindings => Results.Text($"{bindings.HttpRequest.Host} {bindings.HttpRequest.Headers["X-Name"]}")),
        TestFunctions.Http("Read", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get", "post") { Route = "both" }, _ => Results.Text("Read")),
        TestFunctions.Http("Write", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "PUT") { Route = "both" }, _ => Results.Text("Write")),
        TestFunctions.Http("Keyed", new HttpTriggerAttribute(AuthorizationLevel.Function, "post") { Route = "keyed" }, _ => Results.Text("Keyed")));

    public async Task DisposeAsync() => await _worker.DisposeAsync();

    [Theory]
    [InlineData("get / HTTP/1.1", "Allow: GET\r\n")]
    [InlineData("Get / HTTP/1.1", "Allow: GET\r\n")]
    [InlineData("post /both HTTP/1.1", "Allow: GET, POST, PUT\r\n")]
    [InlineData("put /both HTTP/1.1", "Allow: GET, POST, PUT\r\n")]
    public async Task A_method_in_another_case_is_another_method(string line, string allow)
    {
        var answer = await SendAsync($"{line}\r\nHost: a\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Contains(allow, answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_unknown_stays_so() =>
        Assert.StartsWith("HTTP/1.1 404 ", await SendAsync("get /none HTTP/1.1\r\nHost: a\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task A_header_is_read_as_Latin_1()
    {
        var answer = await SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Name: M\u00fcller\u0080\r\n");

        Assert.EndsWith("a M\u00c3\u00bcller\u00c2\u0080", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_beyond_ASCII_is_refused() =>
        Assert.StartsWith("HTTP/1.1 400 ", await SendAsync("GET / HTTP/1.1\r\nHost: m\u00fcller\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("GET http://real:81/ HTTP/1.1\r\nHost: other\r\n", "real:81 ")]
    [InlineData("GET http://real/ HTTP/1.1\r\nHost: real\r\n", "real ")]
    public async Task The_host_of_a_request_target_in_absolute_form_counts(string request, string body) =>
        Assert.EndsWith("\r\n\r\n" + body, await SendAsync(request), StringComparison.Ordinal);

    [Theory]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: DEFLATE,chunked")]
    [InlineData("Transfer-Encoding: identity, chunked")]
    public async Task A_transfer_coding_other_than_chunked_is_not_implemented(string header)
    {
        foreach (var path in (string[])["/both", "/keyed"])
        {
            var answer = await SendAsync($"POST {path} HTTP/1.1\r\nHost: a\r\n{header}\r\n", "0\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 501 ", answer, StringComparison.Ordinal);
            Assert.Contains("chunked", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: Chunked")]
    [InlineData("Transfer-Encoding: , chunked ,")]
    public async Task Chunked_alone_is_read(string header) => Assert.StartsWith(
        "HTTP/1.1 200 ", await SendAsync($"POST /both HTTP/1.1\r\nHost: a\r\n{header}\r\n", "2\r\n{}\r\n0\r\n\r\n"), StringComparison.Ordinal);

    /// <summary>Sends a request, its characters as bytes of Latin-1, and returns the whole answer read so.</summary>
    private async Task<string> SendAsync(string head, string body = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_worker.Client.BaseAddress!.Host, _worker.Client.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}Connection: close\r\n\r\n{body}"));
        using var answer = new StreamReader(stream, Encoding.Latin1);
        return await answer.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
