using System.Diagnostics;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.AzureHost;

/// <summary>What the build makes of the property <c>FunctionsHost</c>. The project is evaluated, not restored: nothing is downloaded.</summary>
public sealed class FunctionsHostTests
{
    private const string Azure = "azure";
    private const string Prefix = "Microsoft.Azure.Functions.Worker";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_official_host_is_chosen_by_a_property_or_an_environment_variable(bool byEnvironment)
    {
        var build = await EvaluateAsync(byEnvironment ? null : Azure, byEnvironment ? Azure : null);

        Assert.Equal("bin/azure/", build.Property("BaseOutputPath"));
        // Absolute once the packages are restored.
        Assert.Equal(Path.Combine(Repository.App, "obj", "azure") + "/", Path.Combine(Repository.App, build.Property("BaseIntermediateOutputPath")));
        Assert.Equal(Path.Combine(Repository.App, "obj", "azure") + "/", build.Property("MSBuildProjectExtensionsPath"));
        Assert.StartsWith("bin/azure/", build.Property("OutputPath"), StringComparison.Ordinal);
        Assert.StartsWith("obj/azure/", build.Property("IntermediateOutputPath"), StringComparison.Ordinal);
        Assert.Equal(Path.Combine(Repository.App, "packages.azure.lock.json"), build.Property("NuGetLockFilePath"));
        Assert.Equal("v4", build.Property("AzureFunctionsVersion"));
        Assert.Equal("Exe", build.Property("OutputType"));
        Assert.Equal("", build.Property("PublishAot"));
        // The official worker serializes with it.
        Assert.Equal("", build.Property("JsonSerializerIsReflectionEnabledByDefault"));
        Assert.Empty(build.Items("ProjectReference"));
        Assert.Empty(build.Items("TrimmerRootDescriptor"));
        Assert.Contains("Confluent.Kafka", build.Items("PackageReference"));
        Assert.Equal(
            [Prefix, $"{Prefix}.Extensions.Http.AspNetCore", $"{Prefix}.Extensions.Kafka", $"{Prefix}.Sdk"],
            build.Items("PackageReference").Where(IsOfficial).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Prefix, "2.52")]
    [InlineData(Prefix + ".Sdk", "2.1")]
    [InlineData(Prefix + ".Extensions.Http.AspNetCore", "2.1.1")]
    [InlineData(Prefix + ".Extensions.Kafka", "4.3")]
    public async Task The_official_packages_are_new_enough(string package, string oldest)
    {
        var build = await EvaluateAsync(Azure, null);

        Assert.True(Version.Parse(build.Metadata("PackageVersion", package, "Version")) >= Version.Parse(oldest));
    }

    /// <summary>4.3.2 is the number of the extension in the host, which no worker's package has.</summary>
    [Fact]
    public async Task The_Kafka_package_has_a_number_of_the_workers_extension()
    {
        var build = await EvaluateAsync(Azure, null);

        Assert.Equal("4.3.0", build.Metadata("PackageVersion", Prefix + ".Extensions.Kafka", "Version"));
    }

    [Fact]
    public async Task Without_it_the_app_is_built_for_the_host_of_this_repository()
    {
        var build = await EvaluateAsync(null, null);

        Assert.Equal("container", build.Property("FunctionsHost"));
        Assert.Equal(Path.Combine(Repository.App, "obj") + "/", build.Property("MSBuildProjectExtensionsPath"));
        Assert.DoesNotContain(Azure, build.Property("OutputPath"), StringComparison.Ordinal);
        Assert.DoesNotContain(Azure, build.Property("IntermediateOutputPath"), StringComparison.Ordinal);
        Assert.Equal("", build.Property("NuGetLockFilePath"));
        Assert.Equal("true", build.Property("PublishAot"));
        Assert.Equal("false", build.Property("JsonSerializerIsReflectionEnabledByDefault"));
        Assert.Equal(2, build.Items("ProjectReference").Count);
        Assert.Single(build.Items("TrimmerRootDescriptor"));
        Assert.DoesNotContain(build.Items("PackageReference"), IsOfficial);
    }

    /// <summary>Without the worker of this repository the files that are shared with it must do.</summary>
    [Fact]
    public async Task The_shared_files_need_nothing_of_the_worker_besides_each_other()
    {
        var build = await EvaluateAsync(Azure, null);
        var shared = build.Items("Compile").Where(path => path.StartsWith("../", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(shared);

        var usings = CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;");
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("SimpleTime.", StringComparison.Ordinal));
        var compilation = CSharpCompilation.Create(
            "shared",
            [usings, .. shared.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Repository.App, path)), path: path))],
            platform.Select(path => MetadataReference.CreateFromFile(path)));

        // That the generator of log methods did not run is none of it.
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error && d.Id is "CS0246" or "CS0103" or "CS0234"));
    }

    [Fact]
    public async Task Another_value_is_an_error_that_names_the_property()
    {
        var (exitCode, output) = await MSBuildAsync(null, "-t:CheckFunctionsHost", "-p:FunctionsHost=lambda");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("""FunctionsHost is "lambda" but must be "container" or "azure".""", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("output")]
    [InlineData("publish")]
    public async Task Core_Tools_get_an_error_that_names_the_property_unless_it_is_set(string folder)
    {
        // What `dotnet build --output` makes of the folder that Core Tools asks for.
        string[] build = ["-t:CheckFunctionsHost", $"-p:OutputPath={Path.Combine(Repository.App, "bin", folder)}/"];

        var (exitCode, output) = await MSBuildAsync(null, build);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("FunctionsHost=azure func start", output, StringComparison.Ordinal);

        (exitCode, output) = await MSBuildAsync(Azure, build);
        Assert.True(exitCode == 0, output);
    }

    private static bool IsOfficial(string package) => package.StartsWith("Microsoft.Azure.", StringComparison.Ordinal);

    private static async Task<Evaluation> EvaluateAsync(string? property, string? variable)
    {
        var (exitCode, output) = await MSBuildAsync(
            variable,
            [
                .. property is null ? Array.Empty<string>() : [$"-p:FunctionsHost={property}"],
                "-getProperty:FunctionsHost,BaseOutputPath,BaseIntermediateOutputPath,MSBuildProjectExtensionsPath,OutputPath,IntermediateOutputPath",
                "-getProperty:NuGetLockFilePath,AzureFunctionsVersion,OutputType,PublishAot,JsonSerializerIsReflectionEnabledByDefault",
                "-getItem:PackageReference,PackageVersion,ProjectReference,TrimmerRootDescriptor,Compile",
            ]);
        Assert.True(exitCode == 0, output);
        return new Evaluation(JsonDocument.Parse(output).RootElement);
    }

    private static async Task<(int ExitCode, string Output)> MSBuildAsync(string? variable, params string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost.Path, ["msbuild", Repository.App, "-nologo", "-nodeReuse:false", .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.App,
        };
        start.Environment["FunctionsHost"] = variable;
        // What a build around these tests leaves would name the folders and files of another SDK.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var process = Forks.Start(start);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(true);
            }
        }
    }

    private sealed class Evaluation(JsonElement root)
    {
        public string Property(string name) => root.GetProperty("Properties").GetProperty(name).GetString()!.Replace('\\', '/');

        public IReadOnlyList<string> Items(string name) =>
            [.. root.GetProperty("Items").GetProperty(name).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];

        public string Metadata(string name, string item, string metadata) => root.GetProperty("Items").GetProperty(name).EnumerateArray()
            .Single(candidate => candidate.GetProperty("Identity").GetString() == item).GetProperty(metadata).GetString()!;
    }
}
