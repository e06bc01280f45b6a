using System.Net;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Requests;
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
