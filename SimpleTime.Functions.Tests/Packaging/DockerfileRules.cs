using System.Globalization;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Healthcheck;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>What the image promises, read from its Dockerfile.</summary>
internal static partial class DockerfileRules
{
    private const string Project = "SimpleTime.Functions";

    private static readonly string[] _labels = ["title", "description", "licenses", "version", "revision"];

    private static readonly string[] _addresses = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "PORT"];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    /// <param name="dockerfile">The Dockerfile.</param>
    /// <param name="root">The folder that it is built in.</param>
    public static IEnumerable<string> Problems(Dockerfile dockerfile, string root) =>
        [.. Bases(dockerfile), .. Image(dockerfile.Final), .. Copies(dockerfile, root), .. Restore(dockerfile, root)];

    private static IEnumerable<string> Bases(Dockerfile dockerfile)
    {
        foreach (var stage in dockerfile.Stages.Where(stage => dockerfile.Stage(stage.Base) is null && !ImageReference.IsPinned(stage.Base)))
        {
            yield return $"The base {stage.Base} is not pinned.";
        }

        var build = dockerfile.Stage("build");
        while (dockerfile.Stage(build?.Base) is { } earlier)
        {
            build = earlier;
        }

        if (Release(build?.Base) is not { } release || release != Release(dockerfile.Final.Base))
        {
            yield return $"The binary is built on {build?.Base} and runs on {dockerfile.Final.Base}: another glibc.";
        }
    }

    private static IEnumerable<string> Image(DockerfileStage image)
    {
        if (image.Last("USER")?.Arguments is not { } user || !NonRoot().IsMatch(user))
        {
            yield return "The image's user is root, or is not given by number.";
        }

        if (image.All("RUN").Any() || image.Instructions.Any(i => i.Keyword is "ENTRYPOINT" or "CMD" or "SHELL" && i.Command is null) || image.Last("ENTRYPOINT") is null)
        {
            yield return "The image needs a shell, which its base has not.";
        }

        if (image.Last("HEALTHCHECK")?.HealthCommand is not [var program, HealthcheckCommand.Name] || program != image.Last("ENTRYPOINT")?.Command?[0])
        {
            yield return "The image's health check is not its own program's.";
        }

        var variables = image.All("ENV").SelectMany(i => i.Pairs).ToDictionary();
        if (_addresses.Any(name => variables.GetValueOrDefault(name, "") != "") || variables.GetValueOrDefault("ASPNETCORE_HTTP_PORTS") != "")
        {
            yield return "The image sets an address, or leaves that of its base, which would go before PORT.";
        }

        if (variables.GetValueOrDefault("DOTNET_RUNNING_IN_CONTAINER") != "true" || image.Last("EXPOSE")?.Arguments != "8080")
        {
            yield return "The image does not listen at port 8080 of all addresses.";
        }

        var labels = image.All("LABEL").SelectMany(i => i.Pairs).ToDictionary();
        foreach (var label in _labels.Where(label => labels.GetValueOrDefault("org.opencontainers.image." + label, "") == ""))
        {
            yield return $"The image has no label org.opencontainers.image.{label}.";
        }

        if (labels.TryGetValue("org.opencontainers.image.base.name", out var name) && name != image.Base)
        {
            yield return $"The image's label says that its base is {name}.";
        }
    }

    private static IEnumerable<string> Copies(Dockerfile dockerfile, string root)
    {
        var admitted = File.ReadLines(Path.Combine(root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        foreach (var copy in dockerfile.Stages.SelectMany(stage => stage.All("COPY")))
        {
            if (copy.Flag("from") is { } from)
            {
                if (dockerfile.Stage(from) is null && !ImageReference.IsPinned(from))
                {
                    yield return $"A file is copied from {from}, which is no stage.";
                }

                continue;
            }

            foreach (var source in copy.Words[..^1].Where(source => source != "."))
            {
                if (!Path.Exists(Path.Combine(root, source)))
                {
                    yield return $"{source} is copied and is not there.";
                }
                else if (!admitted.Contains(source.Split('/')[0]))
                {
                    yield return $"{source} is copied, and .dockerignore keeps it away.";
                }
            }
        }
    }

    // Projects that the restore does not see are restored by nobody: the build says --no-restore.
    private static IEnumerable<string> Restore(Dockerfile dockerfile, string root)
    {
        var copied = dockerfile.Stage("restore")?.All("COPY").SelectMany(copy => copy.Words[..^1]).ToHashSet() ?? [];
        return Closure(root, $"{Project}/{Project}.csproj").Concat(["global.json", "Directory.Build.props", "Directory.Packages.props"])
            .Where(file => !copied.Contains(file)).Select(file => $"{file} is not there when packages are restored.");
    }

    private static IEnumerable<string> Closure(string root, string project) => ProjectReference().Matches(File.ReadAllText(Path.Combine(root, project)))
        .Select(m => Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, Path.GetDirectoryName(project)!, m.Groups[1].Value))))
        .SelectMany(reference => Closure(root, reference)).Prepend(project).Distinct();

    // "noble" of "10.0-noble-chiseled".
    private static string? Release(string? image) => image is not null && ImageReference.Tag(image)?.Split('-') is [var version, var release, ..]
        && Version.TryParse(version, out _) && !release.Any(c => char.IsDigit(c) || char.IsUpper(c)) ? release.ToString(CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^[1-9][0-9]*:[1-9][0-9]*$")]
    private static partial Regex NonRoot();

    // Not one that a property names: no image is built with it.
    [GeneratedRegex("<ProjectReference Include=\"([^\"$]+)\"")]
    private static partial Regex ProjectReference();
}
