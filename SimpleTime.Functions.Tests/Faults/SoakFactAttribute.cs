using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that lasts half an hour: it is run with <c>SIMPLETIME_FAULTS=full</c>, on Linux, whose /proc it reads.</summary>
internal sealed class SoakFactAttribute : FactAttribute
{
    public SoakFactAttribute() => Skip = !FaultScale.IsFull ? "SIMPLETIME_FAULTS is not full."
        : !OperatingSystem.IsLinux() ? "There is no /proc here." : null;
}
