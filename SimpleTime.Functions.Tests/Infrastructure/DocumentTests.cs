using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Kubernetes;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>What <c>docs/infrastructure</c> has a person type, as far as it can be held against the files.</summary>
public sealed partial class DocumentTests
{
    private static readonly string _documents = string.Concat(TerraformFiles.Below("docs/infrastructure").Select(file => file.Text));

    [Fact]
    public void Its_variables_and_outputs_are_those_of_Terraform()
    {
        Assert.Empty(Unknown(_documents));
        Assert.Equal(["output push_role", "variable domains"], Unknown("output -raw push_role\nexport TF_VAR_domains=x\n").Order());
    }

    [KubectlFact]
    public async Task Its_passwords_are_those_that_are_read()
    {
        var cluster = await ArgoCluster.OfAsync("staging", "strimzi", "");

        Assert.Equal(SecretRules.Properties(cluster).Order(), Password().Matches(_documents).Select(m => m.Groups[1].Value).Order());
    }

    [KubectlFact]
    public async Task Argo_CD_is_installed_as_it_keeps_itself()
    {
        var kept = (await ArgoCluster.OfAsync("staging", "strimzi", "")).Applications.Single(a => a.Name == "argo-cd");
        var installed = Installed().Match(_documents);

        Assert.Equal(
            (kept.Sources[0].At("helm", "releaseName"), kept.Sources[0].At("repoURL"), kept.Sources[0].At("targetRevision"), kept.Namespace, kept.Sources[0].At("helm", "valueFiles").Items()[0]),
            (installed.Groups[1].Value, installed.Groups[2].Value, installed.Groups[3].Value, installed.Groups[4].Value, $"$repository/{installed.Groups[5].Value}"));
    }

    [Fact]
    public void Each_file_that_it_names_is_there()
    {
        var files = File().Matches(_documents).Select(m => m.Value).Distinct()
            // The reader makes it.
            .Where(file => !file.EndsWith(".tfbackend", StringComparison.Ordinal)).ToArray();

        Assert.True(files.Length >= 8, string.Join(' ', files));
        Assert.All(files, file => Assert.True(Path.Exists(Repository.PathOf(file)), file));
    }

    private static IEnumerable<string> Unknown(string text)
    {
        var outputs = Repository.Read("infra/outputs.tf");
        var variables = Repository.Read("infra/variables.tf");
        return Output().Matches(text).Select(m => m.Groups[1].Value).Distinct().Where(name => !outputs.Contains($"output \"{name}\"", StringComparison.Ordinal)).Select(name => $"output {name}")
            .Concat(Variable().Matches(text).Select(m => m.Groups[1].Value).Distinct().Where(name => !variables.Contains($"variable \"{name}\"", StringComparison.Ordinal)).Select(name => $"variable {name}"));
    }

    [GeneratedRegex(@"(?:output -raw |\(output `)(\w+)")]
    private static partial Regex Output();

    [GeneratedRegex(@"TF_VAR_(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\\""(\w+)\\"": \\""\$\(password\)")]
    private static partial Regex Password();

    [GeneratedRegex(@"helm install (\S+) argo-cd --repo (\S+) --version (\S+) \\\n\s+--namespace (\S+) --create-namespace --values (\S+)")]
    private static partial Regex Installed();

    [GeneratedRegex(@"\b(?:infra|gitops)/[\w./-]*\w")]
    private static partial Regex File();
}
