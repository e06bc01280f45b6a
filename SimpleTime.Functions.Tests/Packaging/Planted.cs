using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>Mistakes that a check is shown, to see that it finds them.</summary>
internal static class Planted
{
    /// <summary>A text with a mistake in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="part">What is right, which must be there.</param>
    /// <param name="mistake">What stands in its place.</param>
    public static string In(string text, string part, string mistake)
    {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, mistake, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a problem is among those found.</summary>
    /// <param name="problem">A part of its sentence.</param>
    /// <param name="problems">What was found.</param>
    public static void AssertFound(string problem, IEnumerable<string> problems) =>
        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
}
