using System.Net;
using SimpleTime.Functions.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Requests;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("fe80::1%3", "fe80::1")]
    public void A_connections_address_is_written_as_a_headers_is(string address, string text) =>
        Assert.Equal(text, AddressText.Of(IPAddress.Parse(address)));

    [Fact]
    public void No_address_is_no_text() => Assert.Null(AddressText.Of(null));
}
