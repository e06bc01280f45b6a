using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>A test that renders manifests.</summary>
internal sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute() => Skip = Kubectl.IsHere ? null : KubectlTheoryAttribute.Reason;
}
