using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Diagnostics;

/// <summary>Text from outside in log lines and answers of the worker.</summary>
public sealed class SafeTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain and ünïcode", "plain and ünïcode")]
    [InlineData("a\r\nb\tc", "a  b c")]
    [InlineData("\u001b[31mred\u0007", " [31mred ")]
    [InlineData("a\u0085b\u2028c\u2029d\u007f", "a b c d ")]
    [InlineData("0123456789abcdefghijKLM", "0123456789abcdefghij")]
    [InlineData("0123456789abcdefgh\n\nx", "0123456789abcdefgh  ")]
    public void Text_is_kept_on_one_line_and_cut(string text, string expected) => Assert.Equal(expected, SafeText.OneLine(text, 20));

    [Fact]
    public void Plain_text_is_not_copied()
    {
        var text = new string('x', 10);
        Assert.Same(text, SafeText.OneLine(text, 10));
    }

    // As code units: a test's arguments are written as UTF-8, which has no halves of pairs.
    [Theory]
    [InlineData(0xd83d)]
    [InlineData(0xde00)]
    public void Half_a_surrogate_pair_is_taken_out(int unit)
    {
        Assert.Equal("a b", SafeText.OneLine($"a{(char)unit}b", 20));
        Assert.Equal("a ", SafeText.OneLine($"a{(char)unit}", 20));
    }

    [Fact]
    public void A_whole_surrogate_pair_is_kept_and_never_cut_in_half()
    {
        Assert.Equal("a\U0001f600b", SafeText.OneLine("a\U0001f600b", 20));
        Assert.DoesNotContain(SafeText.OneLine("a\U0001f600b", 2), char.IsSurrogate);
    }
}
