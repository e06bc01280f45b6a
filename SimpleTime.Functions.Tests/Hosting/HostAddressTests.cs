using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Where a program on the same machine reaches the host.</summary>
public sealed class HostAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000/route")]
    [InlineData("http://192.0.2.7:5000/", "http://192.0.2.7:5000/route")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/route")]
    [InlineData("http://*:8080", "http://127.0.0.1:8080/route")]
    [InlineData("http://+:8080", "http://127.0.0.1:8080/route")]
    [InlineData("http://example.org:8080", "http://127.0.0.1:8080/route")]
    [InlineData("http://[::]:8080", "http://[::1]:8080/route")]
    [InlineData("http://[2001:db8::7]:8080", "http://[2001:db8::7]:8080/route")]
    [InlineData("http://localhost:8080", "http://localhost:8080/route")]
    [InlineData("HTTP://localhost", "http://localhost/route")]
    [InlineData("http://unix:/tmp/socket;http://127.0.0.1:0;http://127.0.0.1:81", "http://127.0.0.1:81/route")]
    [InlineData("http://127.0.0.1:0", null)]
    [InlineData("http://127.0.0.1:99999", null)]
    [InlineData("https://127.0.0.1:81", null)]
    [InlineData("nonsense;;", null)]
    [InlineData(null, null)]
    public void Find_returns_the_first_address_that_can_be_known(string? urls, string? expected) =>
        Assert.Equal(expected, HostAddress.Find(Configuration(("urls", urls), ("AzureFunctionsJobHost:extensions:http:routePrefix", "")), "route")?.ToString());

    [Theory]
    [InlineData("/v1/", "http://127.0.0.1:81/v1/route")]
    [InlineData(null, "http://127.0.0.1:81/api/route")]
    public void The_route_has_the_prefix_of_host_json(string? prefix, string expected) =>
        Assert.Equal(expected, HostAddress.Find(
            Configuration(("urls", "http://127.0.0.1:81"), ("AzureFunctionsJobHost:extensions:http:routePrefix", prefix)), "route")?.ToString());

    private static IConfiguration Configuration(params (string Name, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value)).Build();
}
