using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that limits what a process may open: <c>prlimit</c> of util-linux.</summary>
internal sealed class PrlimitTheoryAttribute : TheoryAttribute
{
    private static readonly string? _problem = Commands.Problem("prlimit", ["--nofile=1024", "true"], "prlimit does not work here.");

    public PrlimitTheoryAttribute() => Skip = _problem;
}
