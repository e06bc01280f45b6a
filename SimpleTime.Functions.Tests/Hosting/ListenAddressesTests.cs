using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Where the server listens, and what it must not take for an address.</summary>
public sealed class ListenAddressesTests
{
    private readonly StartupNotices _notices = new();

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:8081", "http://127.0.0.1:8081")]
    [InlineData("ASPNETCORE_URLS", " http://127.0.0.1:8081 ;\n http://[::1]:8081/; ", "http://127.0.0.1:8081;http://[::1]:8081/")]
    [InlineData("ASPNETCORE_URLS", "http://+:8080;http://*:8081", "http://+:8080;http://*:8081")]
    [InlineData("ASPNETCORE_URLS", "HTTP://LOCALHOST:8080;http://localhost:8080", "HTTP://LOCALHOST:8080")]
    [InlineData("ASPNETCORE_URLS", "http://simple-time:8080", "http://simple-time:8080")]
    [InlineData("ASPNETCORE_URLS", "http://unix:/tmp/a.sock", "http://unix:/tmp/a.sock")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8081; 8082 ;", "http://*:8081;http://*:8082")]
    [InlineData("PORT", " 8081 ", "http://*:8081")]
    [InlineData("Host:LocalHttpPort", "7072", "http://localhost:7072")]
    [InlineData("urls", "http://127.0.0.1:7", "http://127.0.0.1:7")]
    [InlineData("PORT", " ", "http://localhost:8080")]
    public void Each_setting_names_addresses(string name, string value, string expected) =>
        Assert.Equal(expected, Decide(new(null, null), [(name, value)]));

    [Theory]
    [InlineData("http://127.0.0.1:8081;https://127.0.0.1:8443")]
    [InlineData("https://127.0.0.1:8443")]
    [InlineData("http://127.0.0.1:8081,http://127.0.0.1:8082")]
    [InlineData("http://127.0.0.1:8081,8082")]
    [InlineData("http://127.0.0.1:8081 http://127.0.0.1:8082")]
    [InlineData("\"http://127.0.0.1:8081\"")]
    [InlineData("'http://127.0.0.1:8081'")]
    [InlineData("http://127.0.0.1:8081\"")]
    [InlineData("127.0.0.1:8081")]
    [InlineData("8081")]
    [InlineData("tcp://127.0.0.1:8081")]
    [InlineData("http:/127.0.0.1:8081")]
    [InlineData("http://127.0.0.1:8081/api")]
    [InlineData("http://127.0.0.1:8081?a=b")]
    [InlineData("http://me@127.0.0.1:8081")]
    [InlineData("http://127.0.0.1:80801")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:http")]
    [InlineData("http://:8081")]
    [InlineData("http://127.0.0.256:8081")]
    [InlineData("http://127.1:8081")]
    [InlineData("http://local host:8081")]
    [InlineData("http://localhost:0")]
    [InlineData("http://")]
    [InlineData(" ; ")]
    public void What_the_server_could_not_take_or_would_take_for_all_addresses_is_a_fault(string value)
    {
        Decide(new(null, null), [("ASPNETCORE_URLS", value)]);
        AssertFault("ASPNETCORE_URLS");
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8081,8082")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "http")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8081;65536")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "-1")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8081 8082")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "http://*:8081")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "8443")]
    [InlineData("PORT", "tcp://10.0.0.1:80")]
    [InlineData("PORT", "8081;8082")]
    [InlineData("Host:LocalHttpPort", "many")]
    public void What_is_no_port_is_a_fault(string name, string value)
    {
        Decide(new(null, null), [(name, value)]);
        AssertFault(name);
    }

    [Theory]
    [InlineData(null, "8081,8082", "--port")]
    [InlineData("8081", null, "--urls")]
    public void A_wrong_value_on_the_command_line_is_a_fault_too(string? urls, string? port, string named)
    {
        Decide(new(urls, port), []);
        AssertFault(named);
    }

    [Fact]
    public void The_first_of_the_order_decides()
    {
        (string, string)[] all =
        [
            ("ASPNETCORE_URLS", "http://127.0.0.1:1"), ("ASPNETCORE_HTTP_PORTS", "2"), ("PORT", "3"), ("Host:LocalHttpPort", "4"), ("urls", "http://127.0.0.1:5"),
        ];

        Assert.Equal("http://127.0.0.1:7", Decide(new("http://127.0.0.1:7", "8"), all));
        Assert.Equal("http://localhost:8", Decide(new(" ", "8"), all));
        Assert.Equal("http://127.0.0.1:1", Decide(new(null, null), all));
        Assert.Equal("http://*:2", Decide(new(null, null), all[1..]));
        Assert.Equal("http://*:3", Decide(new(null, null), all[2..]));
        Assert.Equal("http://localhost:4", Decide(new(null, null), all[3..]));
        Assert.Equal("http://127.0.0.1:5", Decide(new(null, null), all[4..]));
        Assert.Equal("http://localhost:8080", Decide(new(null, null), []));
        Assert.Null(_notices.Fault);
    }

    [Fact]
    public void A_port_of_the_environment_wins_over_an_address_of_a_file() =>
        Assert.Equal("http://*:3", Decide(new(null, null), [("ASPNETCORE_URLS", "http://127.0.0.1:1")], [("PORT", "3")]));

    [Fact]
    public void A_port_that_the_system_chooses_is_of_one_address() => Assert.Equal("http://127.0.0.1:0", Decide(new(null, "0"), []));

    [Fact]
    public void The_line_is_bounded_and_has_no_control_characters()
    {
        Decide(new(null, null), [("ASPNETCORE_URLS", "http://\u001b[31m\n" + new string('x', 5_000))]);

        Assert.DoesNotContain(_notices.Fault!.Line, char.IsControl);
        Assert.InRange(_notices.Fault.Line.Length, 1, 512);
    }

    private string? Decide(HostArguments arguments, params (string Name, string Value)[][] sources)
    {
        var configuration = new ConfigurationManager();
        foreach (var source in sources)
        {
            configuration.AddInMemoryCollection(source.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        }

        ListenAddresses.Decide(configuration, arguments, _notices);
        return configuration["urls"];
    }

    private void AssertFault(string name)
    {
        Assert.Equal(1, _notices.Fault?.ExitCode);
        Assert.Contains($"The setting {name} ", _notices.Fault!.Line, StringComparison.Ordinal);
    }
}
