using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Embedded;

/// <summary>A test that has the system choose a port from a range of its own, which Linux does from 6.3 on.</summary>
internal sealed class PortRangeFactAttribute : FactAttribute
{
    public PortRangeFactAttribute() =>
        Skip = OperatingSystem.IsLinux() && Environment.OSVersion.Version >= new Version(6, 3) ? null : "A socket has no IP_LOCAL_PORT_RANGE here.";
}
