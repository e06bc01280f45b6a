using SimpleTime.Functions.Tests.Kubernetes;
using SimpleTime.Functions.Tests.Packaging;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>The files of <c>infra/</c> and <c>gitops/</c> as texts, and where the one names what the other has.</summary>
public sealed class TextTests
{
    private static readonly string _versions = Repository.Read("infra/versions.tf");
    private static readonly string _outputs = Repository.Read("infra/outputs.tf");
    private static readonly string _roles = Repository.Read("infra/roles.tf");

    [Fact]
    public void The_state_is_encrypted_and_locked_in_its_bucket() => Assert.Empty(TextRules.BackendViolations(_versions));

    [Theory]
    [InlineData("encrypt      = true", "encrypt      = false", "not encrypted")]
    [InlineData("use_lockfile = true", "", "not locked")]
    [InlineData("use_lockfile = true", "dynamodb_table = \"locks\"", "locked in DynamoDB")]
    [InlineData("backend \"s3\"", "backend \"local\"", "not encrypted")]
    public void A_state_that_is_not_safe_is_found(string part, string mistake, string violation) =>
        Planted.AssertFound(violation, TextRules.BackendViolations(Planted.In(_versions, part, mistake)));

    [Fact]
    public void Each_environment_has_a_state_of_its_own() => Assert.Equal(2, Directory.GetFiles(Repository.PathOf("infra/env"), "*.s3.tfbackend.example")
        .Select(file => File.ReadLines(file).Single(line => line.StartsWith("key ", StringComparison.Ordinal))).Distinct().Count());

    [Fact]
    public void Nothing_is_in_Git_that_only_the_account_knows() =>
        Assert.Empty(TerraformFiles.Below("infra", "gitops", "docs/infrastructure").SelectMany(file => TextRules.Leaks(file.Path, file.Text)));

    [Theory]
    [InlineData("infra/env/staging.tfvars", "pull_account_ids = [\"123456789012\"]", "the account 123456789012")]
    [InlineData("docs/infrastructure/README.md", "role/x of 123456789012", "the account 123456789012")]
    [InlineData("gitops/service/base/patch.yaml", "arn: arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:role/x")]
    [InlineData("gitops/platform/values.yaml", "inbound-cidrs: 8.8.8.8/32", "the address 8.8.8.8")]
    [InlineData("gitops/platform/secret.yaml", "password: Zm9vYmFyYmF6cXV4Zm9vYmFy", "a secret")]
    [InlineData("infra/main.tf", "access_key = \"AKIAIOSFODNN7EXAMPLE\"", "a secret")]
    public void What_must_not_be_in_Git_is_found(string path, string text, string leak) => Planted.AssertFound(leak, TextRules.Leaks(path, text));

    [Fact]
    public void No_module_comes_from_elsewhere() =>
        Assert.Empty(TerraformFiles.Below("infra").SelectMany(file => TextRules.ForeignModules(file.Text)));

    [Fact]
    public void A_module_from_elsewhere_is_found() => Assert.Equal(
        ["terraform-aws-modules/vpc/aws"],
        TextRules.ForeignModules(Planted.In(Repository.Read("infra/main.tf"), "./modules/network", "terraform-aws-modules/vpc/aws")));

    [Fact]
    public void The_annotations_that_Argo_CD_uses_are_those_that_Terraform_renders() => Assert.Equal(Used(""), TerraformFiles.Annotations(_outputs).Order());

    [Theory]
    [InlineData("{{ .metadata.annotations.zone_id }}", "")]
    [InlineData("", "    vpc_cidr        = var.vpc_cidr\n")]
    public void An_annotation_that_one_of_them_does_not_know_is_found(string used, string rendered) =>
        Assert.NotEqual(Used(used), TerraformFiles.Annotations(rendered.Length == 0 ? _outputs : Planted.In(_outputs, rendered, "")).Order());

    [KubectlFact]
    public async Task Each_role_is_for_a_service_account_that_is_there()
    {
        var cluster = await ArgoCluster.OfAsync("staging", "msk", "");

        Assert.True(TerraformFiles.ServiceAccounts(_roles).Count >= 7);
        Assert.Empty(Missing(cluster, _roles));
        Assert.Equal(["keda/keda-operators"], Missing(cluster, Planted.In(_roles, "\"keda/keda-operator\"", "\"keda/keda-operators\"")));
        Assert.Equal(["simple-time/simple-time-http"], Missing(cluster.With("  name: simple-time-http\n  namespace: simple-time\n---", "  name: simple-time-api\n  namespace: simple-time\n---"), _roles));
    }

    [KubectlFact]
    public async Task The_roles_are_for_the_topic_and_the_group_of_the_service()
    {
        var settings = (await ArgoCluster.OfAsync("staging", "msk", "")).Manifests.Single(m => m.Kind == "ConfigMap" && m.Name == "simple-time-config").Map("data");

        Assert.Contains($"topic = \"{settings["KAFKA_TOPIC_EVENTS"]}\", group = \"{settings["KAFKA_CONSUMER_GROUP"]}\"", _roles, StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task The_autoscaler_is_of_the_version_of_Kubernetes()
    {
        var autoscaler = (await ArgoCluster.OfAsync("staging", "strimzi", "")).Applications.Single(a => a.Name == "cluster-autoscaler");

        Assert.Contains($"default     = \"{((string)autoscaler.Values.At("image", "tag"))[1..^2]}\"", Repository.Read("infra/variables.tf"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Used(string more) => TerraformFiles.Below("gitops").Select(file => file.Text).Append(more)
        .SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text, @"\.metadata\.annotations\.(\w+)").Select(m => m.Groups[1].Value)).Distinct().Order();

    /// <summary>The service accounts that have a role, and that neither a manifest nor an Application's values name.</summary>
    private static IEnumerable<string> Missing(ArgoCluster cluster, string roles) => TerraformFiles.ServiceAccounts(roles)
        .Where(account => !cluster.Manifests.Any(m => m.Kind == "ServiceAccount" && m.Namespace == account.Namespace && m.Name == account.Name)
            && !cluster.Applications.Any(a => a.Namespace == account.Namespace && a.Text.Contains($"name: {account.Name}\n", StringComparison.Ordinal)
                && a.Text.Contains("serviceAccount:", StringComparison.Ordinal)))
        .Select(account => $"{account.Namespace}/{account.Name}");
}
