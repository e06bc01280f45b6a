using System.Net;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Requests;

public sealed class HostIdentityTests
{
    [Fact]
    public void POD_IP_is_the_pods_address() => Assert.Equal("10.1.2.3", HostIdentity.Read(Settings("10.1.2.3").PodIp).PodIp);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Without_POD_IP_it_is_an_address_of_the_host_that_is_not_its_loopback(string? podIp)
    {
        var settings = Settings(podIp);

        Assert.Null(settings.PodIp);
        Assert.Empty(settings.Problems);
        var address = HostIdentity.Read(settings.PodIp).PodIp;
        Assert.True(address is null || !IPAddress.IsLoopback(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.1")]
    [InlineData("1")]
    [InlineData("0x0a000001")]
    [InlineData("10.1.2.03")]
    [InlineData("10.1.2.3:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:80")]
    [InlineData("10.1.2.3/24")]
    [InlineData("10.1.2.3,2001:db8::1")]
    public void What_only_looks_like_an_address_is_not_taken(string podIp)
    {
        var settings = Settings(podIp);

        Assert.Null(settings.PodIp);
        Assert.Contains("POD_IP", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" 10.1.2.3 ", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("2001:DB8:0::1", "2001:db8::1")]
    public void POD_IP_has_the_form_of_all_addresses(string podIp, string address) => Assert.Equal(address, Settings(podIp).PodIp);

    [Fact]
    public void A_POD_IP_that_is_no_address_is_named_and_left_out()
    {
        var settings = Settings("the pod\n");

        Assert.Null(settings.PodIp);
        Assert.Equal(
            "POD_IP \"the pod\" is not an IP address; the host's first address is used instead.", Assert.Single(settings.Problems));
    }

    [Fact]
    public void The_host_has_a_name_and_an_operating_system()
    {
        var host = HostIdentity.Read(null);

        Assert.Equal(Dns.GetHostName(), host.Hostname);
        Assert.Equal(OperatingSystem.IsLinux(), host.Os == "Linux");
    }

    private static ServiceSettings Settings(string? podIp) => ServiceSettings.From(
        new ConfigurationBuilder().AddInMemoryCollection([new("POD_IP", podIp)]).Build());
}
