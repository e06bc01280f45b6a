using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The Dockerfile, read; <see cref="ImageTests"/> does what it says.</summary>
public sealed class DockerfileTests
{
    private static readonly string _text = Repository.Read("Dockerfile");

    [Fact]
    public void The_Dockerfile_keeps_what_the_image_promises()
    {
        Assert.Empty(DockerfileRules.Problems(Dockerfile.Parse(_text), Repository.Root));
    }

    [Theory]
    [InlineData("USER 1654:1654", "USER app", "root, or is not given by number")]
    [InlineData("USER 1654:1654", "USER 0:0", "root, or is not given by number")]
    [InlineData("USER 1654:1654", "", "root, or is not given by number")]
    [InlineData("ENTRYPOINT [\"/app/SimpleTime.Functions\"]", "ENTRYPOINT /app/SimpleTime.Functions", "needs a shell")]
    [InlineData("CMD [\"/app/SimpleTime.Functions\", \"healthcheck\"]", "CMD curl -f localhost:8080/healthz", "health check is not its own program's")]
    [InlineData("CMD [\"/app/SimpleTime.Functions\", \"healthcheck\"]", "CMD [\"/app/SimpleTime.Functions\", \"--version\"]", "health check is not its own program's")]
    [InlineData("HEALTHCHECK ", "# HEALTHCHECK ", "health check is not its own program's")]
    [InlineData("WORKDIR /app", "RUN mkdir /app", "needs a shell")]
    [InlineData("runtime-deps:10.0-noble-chiseled AS final", "runtime-deps AS final", "runtime-deps is not pinned")]
    [InlineData("sdk:10.0-noble AS restore", "sdk:latest AS restore", "sdk:latest is not pinned")]
    [InlineData("sdk:10.0-noble AS restore", "sdk:10.0-trixie AS restore", "another glibc")]
    [InlineData("EXPOSE 8080\nENTRYPOINT", "EXPOSE 80\nENTRYPOINT", "does not listen at port 8080")]
    [InlineData("DOTNET_RUNNING_IN_CONTAINER=true", "DOTNET_RUNNING_IN_CONTAINER=false", "does not listen at port 8080")]
    [InlineData("ASPNETCORE_HTTP_PORTS=", "ASPNETCORE_HTTP_PORTS=8080", "go before PORT")]
    [InlineData("ASPNETCORE_HTTP_PORTS=", "ASPNETCORE_HTTPS_PORTS=", "go before PORT")]
    [InlineData("ASPNETCORE_HTTP_PORTS=\n", "ASPNETCORE_HTTP_PORTS= ASPNETCORE_URLS=http://0.0.0.0:8080\n", "go before PORT")]
    [InlineData("ASPNETCORE_HTTP_PORTS=\n", "ASPNETCORE_HTTP_PORTS= PORT=8080\n", "go before PORT")]
    [InlineData("image.title=\"Simple Time Service\"", "image.name=\"Simple Time Service\"", "no label org.opencontainers.image.title")]
    [InlineData("base.name=\"mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled\"", "base.name=\"scratch\"", "says that its base is scratch")]
    [InlineData("COPY --from=build /app /app", "COPY --from=publish /app /app", "publish, which is no stage")]
    [InlineData("COPY global.json", "COPY nuget.config global.json", "nuget.config is copied and is not there")]
    [InlineData("COPY global.json", "COPY README.md global.json", ".dockerignore keeps it away")]
    [InlineData("COPY SimpleTime.Functions.Worker/", "# COPY SimpleTime.Functions.Worker/", "SimpleTime.Functions.Worker.csproj is not there when packages are restored")]
    public void A_mistake_in_it_is_found(string part, string mistake, string problem)
    {
        Planted.AssertFound(problem, DockerfileRules.Problems(Dockerfile.Parse(Planted.In(_text, part, mistake)), Repository.Root));
    }

    [Fact]
    public void The_azure_image_has_the_functions_where_the_official_host_looks()
    {
        var stage = Dockerfile.Parse(_text).Stage("azure")!;
        var copy = Assert.Single(stage.All("COPY"));
        var publish = Dockerfile.Parse(_text).Stage(copy.Flag("from"))!;

        Assert.StartsWith("mcr.microsoft.com/azure-functions/dotnet-isolated:4-", stage.Base, StringComparison.Ordinal);
        // Whatever machine builds it: the base is for no other.
        Assert.Contains($"FROM --platform=linux/amd64 {stage.Base} ", _text, StringComparison.Ordinal);
        Assert.Contains(("AzureWebJobsScriptRoot", copy.Words[1]), stage.All("ENV").SelectMany(i => i.Pairs));
        Assert.Contains(("FunctionsHost", "azure"), publish.All("ENV").SelectMany(i => i.Pairs));
        Assert.Contains($"-o {copy.Words[0]} ", publish.Last("RUN")!.Arguments, StringComparison.Ordinal);
    }

    [DockerfileUtilsFact]
    public async Task Dockerfile_utils_accepts_it_and_finds_a_mistake()
    {
        var (exitCode, output) = await DockerfileUtils.LintAsync(Repository.PathOf("Dockerfile"));
        Assert.True(exitCode == 0 && output.Length == 0, output);

        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("Dockerfile"), _text.Replace("EXPOSE 8080", "EXPOSED 8080", StringComparison.Ordinal));
        (exitCode, output) = await DockerfileUtils.LintAsync(folder.Combine("Dockerfile"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Unknown instruction: EXPOSED", output, StringComparison.Ordinal);
    }
}
