using System.Net;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>host.json's <c>customHeaders</c> and <c>hsts</c>.</summary>
public sealed class ResponseHeadersTests
{
    private const string Section = "AzureFunctionsJobHost:extensions:http";

    [Fact]
    public async Task Custom_headers_are_on_every_answer_and_a_functions_own_go_before()
    {
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Http("Plain"),
                TestFunctions.Http("Own", bindings =>
                {
                    bindings.HttpRequest.HttpContext.Response.Headers["X-Frame-Options"] = "SAMEORIGIN";
                    return Results.Ok();
                }),
                TestFunctions.Http("Failing", _ => throw new InvalidTimeZoneException("fails")),
            ],
            new Dictionary<string, string?> { [$"{Section}:customHeaders:X-Frame-Options"] = "DENY", [$"{Section}:routePrefix"] = "" });

        Assert.Equal("DENY", await HeaderAsync(worker, "/Plain", HttpStatusCode.OK));
        Assert.Equal("SAMEORIGIN", await HeaderAsync(worker, "/Own", HttpStatusCode.OK));
        Assert.Equal("DENY", await HeaderAsync(worker, "/nothing", HttpStatusCode.NotFound));
        Assert.Equal("DENY", await HeaderAsync(worker, "/Failing", HttpStatusCode.InternalServerError));
    }

    [Theory]
    [InlineData("https", "example.com", "max-age=864000; includeSubDomains")]
    [InlineData("https, http", "example.com", "max-age=864000; includeSubDomains")]
    [InlineData("http", "example.com", null)]
    [InlineData("https", "localhost", null)]
    [InlineData("https", "plain.example.com:8080", null)]
    public async Task Strict_transport_security_is_told_to_those_who_came_by_TLS(string protocol, string host, string? expected)
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("Plain")],
            new Dictionary<string, string?>
            {
                [$"{Section}:routePrefix"] = "",
                [$"{Section}:hsts:isEnabled"] = "true",
                [$"{Section}:hsts:maxAge"] = "10",
                [$"{Section}:hsts:includeSubDomains"] = "true",
                [$"{Section}:hsts:excludedHosts:0"] = "plain.example.com",
            });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/Plain");
        request.Headers.Add("X-Forwarded-Proto", protocol);
        request.Headers.Host = host;

        using var response = await worker.Client.SendAsync(request);

        Assert.Equal(expected, response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? Assert.Single(values) : null);
    }

    private static async Task<string> HeaderAsync(TestWorker worker, string path, HttpStatusCode status)
    {
        using var response = await worker.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(status, response.StatusCode);
        return Assert.Single(response.Headers.GetValues("X-Frame-Options"));
    }
}
