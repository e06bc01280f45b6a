using System.Diagnostics;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>The release workflow writes what <c>gitops/environments</c> reads.</summary>
public sealed class ReleaseTests
{
    [Theory]
    [InlineData("Deploy to staging", "staging")]
    [InlineData("Propose for production", "production")]
    public async Task A_release_writes_its_tag_into_one_environment(string step, string environment)
    {
        using var folder = new TempFolder();
        foreach (var name in (string[])["staging", "production"])
        {
            Directory.CreateDirectory(folder.Combine($"gitops/environments/{name}"));
            File.Copy(Repository.PathOf($"gitops/environments/{name}/release.yaml"), folder.Combine($"gitops/environments/{name}/release.yaml"));
        }

        var script = (string)Yaml.Parse(Repository.Read(".github/workflows/image.yml")).At("jobs", "deploy", "steps").Items().Single(one => one.At("name") is string s && s == step).At("run");
        var start = new ProcessStartInfo("bash", ["-euc", script.Split('\n').Single(line => line.StartsWith("sed ", StringComparison.Ordinal))]) { WorkingDirectory = folder.Path };
        start.Environment["TAG"] = "v9.8.7";
        using var process = Forks.Start(start);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, process.ExitCode);
        foreach (var name in (string[])["staging", "production"])
        {
            var patch = Yaml.Parse(await File.ReadAllTextAsync(folder.Combine($"gitops/environments/{name}/release.yaml"))).Items().Single();
            Assert.Equal(("/spec/generators/0/clusters/values/tag", name == environment), (patch.At("path"), patch.At("value") is "9.8.7"));
        }
    }
}
