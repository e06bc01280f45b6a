using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>A test that needs Apache Kafka, see <see cref="KafkaInstallation"/>.</summary>
internal sealed class KafkaFactAttribute : FactAttribute
{
    public KafkaFactAttribute() => Skip = KafkaInstallation.Problem;
}
