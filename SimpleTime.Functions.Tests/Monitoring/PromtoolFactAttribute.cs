using Xunit;

namespace SimpleTime.Functions.Tests.Monitoring;

/// <summary>A test that runs promtool or Prometheus, both of which Debian's package prometheus has.</summary>
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute() => Skip = Promtool.IsHere ? null : "There is no promtool here.";
}
