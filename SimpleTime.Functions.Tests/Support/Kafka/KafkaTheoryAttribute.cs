using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>A test with data that needs Apache Kafka, see <see cref="KafkaInstallation"/>.</summary>
internal sealed class KafkaTheoryAttribute : TheoryAttribute
{
    public KafkaTheoryAttribute() => Skip = KafkaInstallation.Problem;
}
