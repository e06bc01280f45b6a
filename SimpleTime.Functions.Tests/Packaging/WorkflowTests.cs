using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The workflows of <c>.github/</c>, read; nothing here runs them.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Directory.GetFiles(Repository.PathOf(".github/workflows")).Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Each_action_is_pinned_to_a_commit_and_rights_are_given_one_by_one(string file)
    {
        var text = Repository.Read(".github/workflows/" + file);
        var workflow = Yaml.Parse(text);

        Assert.Equal([("contents", (object)"read")], workflow.At("permissions").Entries());
        Assert.All(
            Uses().Matches(text).Select(m => m.Groups[1].Value), action => Assert.Matches("^(?:\\./\\S+|[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\\.[0-9]+\\.[0-9]+)$", action));
        Assert.All(workflow.At("jobs").Entries(), job => Assert.True(job.Value.At("uses") is not "" || job.Value.At("timeout-minutes") is not "", job.Key));
    }

    [Fact]
    public void The_image_is_tested_built_for_both_architectures_described_and_signed()
    {
        var image = Yaml.Parse(Repository.Read(".github/workflows/image.yml")).At("jobs", "image");
        var push = image.At("steps").Items().Single(step => step.At("with", "push") is "true");
        var targets = image.At("strategy", "matrix", "include").Items().ToDictionary(entry => (string)entry.At("target"), entry => entry.At("platforms"));

        Assert.Equal("test", image.At("needs"));
        Assert.Equal([("contents", (object)"read"), ("packages", "write"), ("id-token", "write")], image.At("permissions").Entries());
        Assert.Equal("linux/amd64,linux/arm64", targets["final"]);
        Assert.All(targets.Keys, target => Assert.NotNull(Dockerfile.Parse(Repository.Read("Dockerfile")).Stage(target)));
        Assert.Equal(("true", "mode=max"), (push.At("with", "sbom"), push.At("with", "provenance")));
        Assert.Contains("cosign sign", (string)image.At("steps").Items()[^1].At("run"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?m)^\s*(?:- )?uses: (.+)$")]
    private static partial Regex Uses();
}
