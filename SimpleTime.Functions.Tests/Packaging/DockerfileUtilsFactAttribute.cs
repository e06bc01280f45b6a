using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>A test that runs dockerfile-utils, which <c>npm install --global dockerfile-utils</c> brings.</summary>
internal sealed class DockerfileUtilsFactAttribute : FactAttribute
{
    public DockerfileUtilsFactAttribute() => Skip = DockerfileUtils.IsHere ? null : "There is no dockerfile-utils here.";
}
