using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Names of settings in binding attributes.</summary>
public sealed class SettingNamesTests
{
    private readonly SettingNames _names = new(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["TOPIC"] = " events ",
        ["REGION"] = "eu",
        ["BLANK"] = "  ",
    }).Build());

    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("%TOPIC%", "events")]
    [InlineData("%topic%", "events")]
    [InlineData("%REGION%-%TOPIC%", "eu-events")]
    [InlineData("a.%REGION%.b", "a.eu.b")]
    [InlineData("%REGION%%TOPIC%", "euevents")]
    [InlineData("100%", "100%")]
    [InlineData("%REGION%%", "eu%")]
    public void A_name_between_percent_signs_stands_for_its_setting(string text, string expected)
    {
        Assert.True(_names.TryResolve(text, out var resolved, out _));
        Assert.Equal(expected, resolved);
    }

    [Theory]
    [InlineData("%MISSING%", "'%MISSING%' does not resolve to a value.")]
    [InlineData("%REGION%-%MISSING%", "'%MISSING%' does not resolve to a value.")]
    [InlineData("%BLANK%", "'%BLANK%' does not resolve to a value.")]
    public void A_missing_setting_is_told_in_the_official_words(string text, string expected)
    {
        Assert.False(_names.TryResolve(text, out _, out var error));
        Assert.Equal(expected, error);
        Assert.Equal(expected, Assert.Throws<InvalidOperationException>(() => _names.Resolve(text)).Message);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u001b[31m")]
    public void A_name_over_several_lines_is_none(string value)
    {
        var names = new SettingNames(new ConfigurationBuilder().AddInMemoryCollection([new("NAME", value)]).Build());

        Assert.False(names.TryResolve("%NAME%", out _, out var error));
        Assert.Contains("'%NAME%' does not resolve to a name", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TOPIC", "events")]
    [InlineData("BLANK", "BLANK")]
    [InlineData("127.0.0.1:9092", "127.0.0.1:9092")]
    public void A_broker_list_is_a_setting_or_else_the_text_itself(string text, string expected) =>
        Assert.Equal(expected, _names.SettingOrText(text));
}
