using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>A test that checks custom resources.</summary>
internal sealed class ManifestCheckFactAttribute : FactAttribute
{
    public ManifestCheckFactAttribute() => Skip = ManifestCheck.IsHere
        ? null : "SIMPLETIME_MANIFEST_CHECK names no checker of custom resources, or there is no kubectl.";
}
