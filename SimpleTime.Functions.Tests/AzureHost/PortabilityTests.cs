using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.AzureHost;

/// <summary>
/// The app takes from this repository's worker only what the official one has too, or what its build for the official host compiles itself.
/// </summary>
public sealed partial class PortabilityTests
{
    private const string Host = "SimpleTime.Functions.HostServices";
    private const string Generated = "SimpleTime.Functions.Worker.Generated.FunctionRegistration";

    private static readonly IReadOnlyList<(string User, string Used)> _uses =
        TypeUses.Read(DotnetHost.OutputFile("SimpleTime.Functions.dll"), "SimpleTime.Functions.Worker");

    [Fact]
    public void Only_the_host_services_and_generated_code_name_types_that_the_official_worker_has_not()
    {
        var compiled = Linked().Matches(File.ReadAllText(Path.Combine(Repository.App, "SimpleTime.Functions.csproj")))
            .Select(link => "SimpleTime.Functions.Worker." + link.Groups[1].Value.Replace('/', '.')).ToHashSet();
        var unofficial = _uses.Where(use => !OfficialNamespace().IsMatch(use.Used) && use.User is not (Host or Generated))
            .Where(use => !compiled.Contains(use.Used.Split('`')[0]));

        Assert.Empty(unofficial);
    }

    [Theory]
    [InlineData(Host, "SimpleTime.Functions.Worker.IKafkaHost")]
    [InlineData(Host, "SimpleTime.Functions.Worker.KafkaClientState")]
    [InlineData(Host, "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder")]
    [InlineData(Generated, "SimpleTime.Functions.Worker.FunctionDescriptor")]
    [InlineData("SimpleTime.Functions.Functions.Time", "Microsoft.Azure.Functions.Worker.HttpTriggerAttribute")]
    [InlineData("SimpleTime.Functions.Functions.FunctionOutput", "Microsoft.Azure.Functions.Worker.KafkaOutputAttribute")]
    [InlineData("SimpleTime.Functions.Failures.ErrorMiddleware", "Microsoft.Azure.Functions.Worker.OutputBindingData`1")]
    [InlineData("SimpleTime.Functions.Persistence.EventReader", "Microsoft.Azure.Functions.Worker.KafkaRecord")]
    public void What_a_type_names_in_attributes_signatures_and_code_is_seen(string user, string used) => Assert.Contains((user, used), _uses);

    [Fact]
    public void No_source_of_the_app_but_the_host_services_is_compiled_by_condition()
    {
        var sources = Directory.EnumerateFiles(Repository.App, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.App, path))
            .Where(path => path.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .ToList();

        Assert.Contains(Path.Combine("Functions", "Time.cs"), sources);
        Assert.Equal(["HostServices.cs"], sources.Where(path => Condition().IsMatch(File.ReadAllText(Path.Combine(Repository.App, path)))));
    }

    [GeneratedRegex(@"^Microsoft\.(Azure\.Functions\.Worker(\..+)?|Extensions\.Hosting)\.[^.]+$")]
    private static partial Regex OfficialNamespace();

    [GeneratedRegex(@"<Compile Include=""\.\./SimpleTime\.Functions\.Worker/(.+)\.cs"" LinkBase=""AzureHost"" />")]
    private static partial Regex Linked();

    [GeneratedRegex(@"^\s*#\s*(if|elif)\b|\bConditional\(", RegexOptions.Multiline)]
    private static partial Regex Condition();
}
