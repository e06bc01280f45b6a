using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that bounds the threads of a process by a control group.</summary>
internal sealed class PidsLimitTheoryAttribute : TheoryAttribute
{
    private static readonly string? _problem = Find();

    public PidsLimitTheoryAttribute() => Skip = _problem;

    private static string? Find()
    {
        using var group = PidsLimit.TryCreate();
        return group is null ? "This system lets this user make no control group that bounds threads." : null;
    }
}
