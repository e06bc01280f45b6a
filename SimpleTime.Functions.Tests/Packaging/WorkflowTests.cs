using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The workflows of <c>.github/</c>, read; nothing here runs them.</summary>
public sealed class WorkflowTests
{
    private static readonly string _image = Repository.Read(".github/workflows/image.yml");
    private static readonly Dockerfile _dockerfile = Dockerfile.Parse(Repository.Read("Dockerfile"));

    public static TheoryData<string> Workflows => [.. Directory.GetFiles(Repository.PathOf(".github/workflows")).Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Each_action_is_pinned_to_a_commit_and_rights_are_given_one_by_one(string file) =>
        Assert.Empty(WorkflowRules.Problems(Repository.Read(".github/workflows/" + file)));

    [Fact]
    public void The_image_is_tested_built_for_both_architectures_described_and_signed() =>
        Assert.Empty(WorkflowRules.ImageProblems(_image, _dockerfile));

    [Theory]
    [InlineData("permissions:\n  contents: read", "permissions:\n  contents: write", "may do more than read")]
    [InlineData("permissions:\n  contents: read", "permissions: write-all", "may do more than read")]
    [InlineData("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout@v7", "is not pinned to a commit")]
    [InlineData("installer@6f9f17788090df1f26f669e9d70d6ae9567deba6 # v4.1.2", "installer@6f9f17788090df1f26f669e9d70d6ae9567deba6", "with its version")]
    [InlineData("    timeout-minutes: 60\n", "", "The job image may run for hours")]
    [InlineData("needs: test", "needs: tests", "needs tests, which is not there")]
    [InlineData("needs: test", "needs: [test, lint]", "needs lint, which is not there")]
    [InlineData("version=${TAG#v}", "version=${{ github.ref_name }}", "puts a context into a script: Version")]
    public void A_mistake_in_a_workflow_is_found(string part, string mistake, string problem) =>
        Planted.AssertFound(problem, WorkflowRules.Problems(Planted.In(_image, part, mistake)));

    [Theory]
    [InlineData("    needs: test\n", "", "before the tests have passed")]
    [InlineData("      id-token: write\n", "", "rights are not those")]
    [InlineData("      packages: write\n", "      packages: write\n      actions: write\n", "rights are not those")]
    [InlineData("- target: azure", "- target: functions", "functions-azure: the Dockerfile has no such stage")]
    [InlineData("limit: 45000000\n            platforms: linux/amd64,linux/arm64", "limit: 45000000\n            platforms: linux/amd64", "final: it is not for both architectures")]
    [InlineData("suffix: -msk-iam", "suffix: ''", "Two images have one tag")]
    [InlineData("limit: 45000000", "limit: 49500000", "is not the default one, of at most 45 MB")]
    [InlineData("msk-iam: false\n            limit", "msk-iam: true\n            limit", "is not the default one, of at most 45 MB")]
    [InlineData("MSK_IAM=${{ matrix.msk-iam }}", "MSK=${{ matrix.msk-iam }}", "does not reach the Dockerfile")]
    [InlineData("msk-iam: true", "msk-iam: false", "for Amazon MSK is not the one")]
    [InlineData("limit: 49500000", "limit: 45000000", "for Amazon MSK is not the one")]
    [InlineData("sbom: true", "sbom: false", "no bill of materials")]
    [InlineData("provenance: mode=max", "provenance: false", "no provenance")]
    [InlineData("push: true", "push: false", "no bill of materials")]
    [InlineData("cosign sign", "cosign verify", "is not signed by its digest")]
    [InlineData("@${{ steps.push.outputs.digest }}", ":${{ steps.version.outputs.version }}", "is not signed by its digest")]
    public void A_mistake_in_the_building_of_the_images_is_found(string part, string mistake, string problem) =>
        Planted.AssertFound(problem, WorkflowRules.ImageProblems(Planted.In(_image, part, mistake), _dockerfile));

    [Theory]
    [InlineData("ARG MSK_IAM=false", "ARG MSK_IAM=true")]
    [InlineData("-p:MskIam=$MSK_IAM ", "")]
    public void An_image_that_cannot_be_told_to_sign_for_MSK_is_found(string part, string mistake) => Planted.AssertFound(
        "does not reach the Dockerfile",
        WorkflowRules.ImageProblems(_image, Dockerfile.Parse(Planted.In(Repository.Read("Dockerfile"), part, mistake))));
}
