using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>THIRD-PARTY-NOTICES.txt, which the build of the app writes.</summary>
public sealed class ThirdPartyNoticesTests
{
    private static readonly string[] _codeKinds = ["runtime", "runtimeTargets", "native"];

    [Fact]
    public void Every_package_with_code_in_the_service_is_named()
    {
        var notices = Repository.Read("THIRD-PARTY-NOTICES.txt");

        // What a restore found, and not what the build's own task was given.
        using var assets = JsonDocument.Parse(Repository.Read("SimpleTime.Functions/obj/project.assets.json"));
        var packages = assets.RootElement.GetProperty("targets").GetProperty("net10.0").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package" && HasCode(library.Value))
            .Select(library => library.Name.Replace('/', ' '))
            .ToArray();

        Assert.True(packages.Length > 10, $"only {packages.Length} packages");
        Assert.All(packages, package => Assert.Contains($"\n- {package}: ", notices, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OpenSSL")]
    [InlineData("curl")]
    [InlineData("zstd")]
    [InlineData("zlib")]
    [InlineData("SQLite")]
    [InlineData("LICENSE.lz4")]
    [InlineData("Apache License")]
    [InlineData("MIT License")]
    [InlineData(".NET Runtime uses third-party libraries or other resources")]
    public void What_packages_contain_is_named_too(string text) =>
        Assert.Contains(Repository.Read("THIRD-PARTY-NOTICES.txt").Split('\n'), line => line.TrimStart().StartsWith(text, StringComparison.Ordinal));

    private static bool HasCode(JsonElement library) =>
        _codeKinds.Any(kind =>
            library.TryGetProperty(kind, out var files) && files.EnumerateObject().Any(file => !file.Name.EndsWith("/_._", StringComparison.Ordinal)));
}
