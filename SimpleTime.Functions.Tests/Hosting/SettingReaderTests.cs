using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Typed settings: a wrong value never stops the service and is always told.</summary>
public sealed class SettingReaderTests
{
    private readonly StartupNotices _notices = new();

    [Theory]
    [InlineData("5", 5)]
    [InlineData(" 5 ", 5)]
    [InlineData("-1", -1)]
    [InlineData("10", 10)]
    [InlineData("", 3)]
    [InlineData("   ", 3)]
    [InlineData(null, 3)]
    public void A_number_is_read_and_a_blank_counts_as_unset(string? value, int expected)
    {
        Assert.Equal(expected, Read(value).Int("Some:key", 3, -1, 10));
        Assert.Empty(_notices.Lines);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("0x5")]
    [InlineData("11")]
    [InlineData("-2")]
    [InlineData("99999999999999999999")]
    public void A_wrong_number_is_one_notice_that_names_the_setting_and_the_default_holds(string value)
    {
        Assert.Equal(3, Read(value).Int("Some:key", 3, -1, 10));

        var notice = Assert.Single(_notices.Lines);
        Assert.Contains("Some:key", notice, StringComparison.Ordinal);
        Assert.Contains(value, notice, StringComparison.Ordinal);
        Assert.Contains("3 is used", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_optional_number_leaves_the_choice_to_the_client()
    {
        Assert.Null(Read("many").OptionalInt("Some:key", 1, 10));
        Assert.Contains("Some:key", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_number_may_be_absent()
    {
        Assert.Null(Read("").OptionalInt("Some:key", 1, 10));
        Assert.Equal(4, Read("4").OptionalInt("Some:key", 1, 10));
        Assert.Empty(_notices.Lines);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("FALSE", false)]
    [InlineData("", true)]
    [InlineData(null, true)]
    public void A_flag_is_read_in_any_case(string? value, bool expected)
    {
        Assert.Equal(expected, Read(value).Bool("Some:key", true));
        Assert.Empty(_notices.Lines);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1")]
    public void A_wrong_flag_is_one_notice_that_names_the_setting(string value)
    {
        Assert.True(Read(value).Bool("Some:key", true));
        Assert.Contains("Some:key", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_is_read_in_any_case()
    {
        Assert.Equal("Latest", Read("LATEST").Choice("Some:key", "Earliest", "Earliest", "Latest"));
        Assert.Equal("Earliest", Read(" ").Choice("Some:key", "Earliest", "Earliest", "Latest"));
        Assert.Empty(_notices.Lines);
    }

    [Fact]
    public void A_wrong_choice_is_one_notice_that_names_the_setting()
    {
        Assert.Equal("Earliest", Read("Newest").Choice("Some:key", "Earliest", "Earliest", "Latest"));

        var notice = Assert.Single(_notices.Lines);
        Assert.Contains("Some:key", notice, StringComparison.Ordinal);
        Assert.Contains("Earliest, Latest", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_notice_stays_on_one_line_however_the_value_looks()
    {
        Read("a\nb\u001b[31m" + new string('x', 5_000)).Int("Some:key", 3, 0, 10);

        var notice = Assert.Single(_notices.Lines);
        Assert.DoesNotContain(notice, char.IsControl);
        Assert.InRange(notice.Length, 1, 512);
    }

    [Fact]
    public void Each_unknown_key_of_a_section_is_a_notice_of_its_own()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Some:KEY"] = "1",
            ["Some:colour"] = "red",
            ["Some:shape:size"] = "2",
            ["Other"] = "3",
        }).Build();

        new SettingReader(configuration, _notices).RefuseUnknown("Some", "key");

        Assert.Equal(2, _notices.Lines.Count);
        Assert.Contains(_notices.Lines, line => line.Contains("Some:colour", StringComparison.Ordinal));
        Assert.Contains(_notices.Lines, line => line.Contains("Some:shape", StringComparison.Ordinal));
    }

    private SettingReader Read(string? value) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Some:key"] = value }).Build(), _notices);
}
