using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SimpleTime.Functions.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Requests;

public sealed class ForwardedAddressesTests
{
    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("203.0.113.9:80", "203.0.113.9")]
    [InlineData("203.0.113.9:65535", "203.0.113.9")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("[::1]:80", "::1")]
    [InlineData("fe80::1%eth0", "fe80::1")]
    [InlineData("[fe80::1%25eth0]:443", "fe80::1")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("::FFFF:cb00:7109", "203.0.113.9")]
    [InlineData("[::ffff:203.0.113.9]:80", "203.0.113.9")]
    [InlineData("  \t203.0.113.9 \t", "203.0.113.9")]
    public void An_address_is_kept_in_its_canonical_form(string entry, string address) =>
        Assert.Equal([address], ForwardedAddresses.Parse(entry));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("unknown")]
    [InlineData("localhost")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData("1..3.4")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.04")]
    [InlineData("0x1.2.3.4")]
    [InlineData("16909060")]
    [InlineData("+1.2.3.4")]
    [InlineData("1.2.3. 4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:http")]
    [InlineData("1.2.3.4:65536")]
    [InlineData("1.2.3.4:+80")]
    [InlineData("1.2.3.4/24")]
    [InlineData("1.2.3.4%eth0")]
    [InlineData("\"1.2.3.4\"")]
    [InlineData("١.٢.٣.٤")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[::1]80")]
    [InlineData("[::1]:")]
    [InlineData("[::1]:65536")]
    [InlineData("[[::1]]")]
    [InlineData("[]")]
    [InlineData("::1/128")]
    [InlineData("1::2::3")]
    [InlineData("12345::1")]
    [InlineData("::ffff:01.2.3.4")]
    [InlineData("::ffff:0x1.2.3.4")]
    [InlineData("::ffff:1.2.3")]
    [InlineData("fe80::1%")]
    [InlineData("fe80::1%e th0")]
    [InlineData("for=1.2.3.4")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("1.2.3.4\u0000")]
    public void What_is_not_an_address_is_dropped(string entry) =>
        Assert.Equal(["203.0.113.9"], ForwardedAddresses.Parse($"{entry},203.0.113.9"));

    [Fact]
    public void Without_the_header_the_list_is_empty() => Assert.Empty(ForwardedAddresses.Parse(StringValues.Empty));

    [Fact]
    public void All_lines_are_read_in_order() => Assert.Equal(
        ["1.1.1.1", "2.2.2.2", "::3"],
        ForwardedAddresses.Parse(new StringValues(["1.1.1.1, ,nonsense,2.2.2.2", null, "", "::3"])));

    [Fact]
    public void At_most_32_addresses_are_kept()
    {
        var addresses = Enumerable.Range(1, 100).Select(number => $"10.0.0.{number}").ToArray();

        var kept = ForwardedAddresses.Parse(new StringValues([string.Join(',', addresses[..20]), string.Join(',', addresses[20..])]));

        Assert.Equal(addresses[..32], kept);
    }

    [Theory]
    [InlineData(",")]
    [InlineData(":")]
    [InlineData("[")]
    [InlineData("1.")]
    [InlineData("::1%")]
    [InlineData("1.2.3.4.5,")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffg,")]
    public void A_hostile_header_of_30_KiB_is_read_fast(string pattern)
    {
        var header = string.Concat(Enumerable.Repeat(pattern, 30 * 1024 / pattern.Length)) + ",203.0.113.9";
        ForwardedAddresses.Parse(header);

        var started = Stopwatch.GetTimestamp();
        var addresses = ForwardedAddresses.Parse(header);

        Assert.Equal(["203.0.113.9"], addresses);
        // A millisecond or so; what grows with the square of the length would take seconds.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 0, 500);
    }

    [Theory]
    [InlineData("for=192.0.2.43", "192.0.2.43")]
    [InlineData("For=192.0.2.43;proto=http;by=203.0.113.43", "192.0.2.43")]
    [InlineData("proto=https;FOR=\"192.0.2.43:47011\"", "192.0.2.43")]
    [InlineData("for=\"[2001:DB8:cafe::17]:4711\"", "2001:db8:cafe::17")]
    [InlineData("for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17")]
    [InlineData("for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", "192.0.2.43 2001:db8:cafe::17")]
    [InlineData("for=192.0.2.43,for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com", "192.0.2.43 198.51.100.17")]
    [InlineData("for=unknown, for=_hidden, for=_SEVKISEK, for=192.0.2.43", "192.0.2.43")]
    [InlineData("for=\"192.0.2.43:_hidden.port\", for=\"[::1]:_x\"", "192.0.2.43 ::1")]
    [InlineData("host=\"a,for=192.0.2.1;for=192.0.2.2\";for=192.0.2.43", "192.0.2.43")]
    [InlineData("host=\"a\\\",for=192.0.2.1,\";for=192.0.2.43", "192.0.2.43")]
    [InlineData(" for = 192.0.2.43 ; by=x ,, ; , for=192.0.2.44 ", "192.0.2.43 192.0.2.44")]
    [InlineData("for=192.0.2.43;for=192.0.2.44", "192.0.2.43")]
    [InlineData("for=192.0.2.43, by=\"for=192.0.2.44", "192.0.2.43")]
    [InlineData("for=\"192.0.2.43", "")]
    [InlineData("for=\"1\\92.0.2.43\"", "")]
    [InlineData("for=", "")]
    [InlineData("for", "")]
    [InlineData("=192.0.2.43", "")]
    [InlineData("before=192.0.2.43", "")]
    [InlineData("192.0.2.43", "")]
    [InlineData("", "")]
    public void Forwarded_is_read_where_there_is_no_X_Forwarded_For(string line, string addresses) =>
        Assert.Equal(addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries), ForwardedAddresses.Of(new HeaderDictionary { ["Forwarded"] = line }));

    [Fact]
    public void Forwarded_is_read_over_several_lines_up_to_the_bound()
    {
        Assert.Equal(
            ["192.0.2.1", "192.0.2.2"],
            ForwardedAddresses.Of(new HeaderDictionary { ["Forwarded"] = new StringValues(["for=192.0.2.1", "by=x", "for=192.0.2.2"]) }));
        Assert.Equal(
            Enumerable.Repeat("192.0.2.1", 32),
            ForwardedAddresses.Of(new HeaderDictionary { ["Forwarded"] = string.Concat(Enumerable.Repeat("for=192.0.2.1,", 1_000)) }));
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("unknown", "")]
    public void X_Forwarded_For_goes_before_Forwarded(string line, string address) => Assert.Equal(
        address.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ForwardedAddresses.Of(new HeaderDictionary { ["X-Forwarded-For"] = line, ["Forwarded"] = "for=192.0.2.43" }));
}
