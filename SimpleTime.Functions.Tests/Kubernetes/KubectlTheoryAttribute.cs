using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>A test that renders manifests, with data.</summary>
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    /// <summary>Why such tests are skipped.</summary>
    public const string Reason = "There is no kubectl with kustomize 5 here.";

    public KubectlTheoryAttribute() => Skip = Kubectl.IsHere ? null : Reason;
}
