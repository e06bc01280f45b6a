using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>What the workflows of <c>.github/</c> promise.</summary>
internal static partial class WorkflowRules
{
    /// <summary>What is wrong with any of them: a sentence each, empty when nothing is.</summary>
    /// <param name="text">The workflow.</param>
    public static IEnumerable<string> Problems(string text)
    {
        var workflow = Yaml.Parse(text);
        if (!workflow.At("permissions").Entries().SequenceEqual([("contents", (object)"read")]))
        {
            yield return "Its jobs may do more than read the repository unless they ask for it.";
        }

        foreach (var action in Uses().Matches(text).Select(m => m.Groups[1].Value).Where(action => !Pinned().IsMatch(action)))
        {
            yield return $"{action} is not pinned to a commit, with its version.";
        }

        foreach (var (name, job) in workflow.At("jobs").Entries())
        {
            if (job.At("uses") is "" && job.At("timeout-minutes") is "")
            {
                yield return $"The job {name} may run for hours.";
            }

            foreach (var need in job.At("needs") is string one ? (one.Length > 0 ? [one] : []) : job.At("needs").Items().Cast<string>())
            {
                if (workflow.At("jobs", need) is "")
                {
                    yield return $"The job {name} needs {need}, which is not there.";
                }
            }

            // A context in a script is code to whoever may name a tag or a branch.
            foreach (var step in job.At("steps").Items().Where(step => step.At("run") is string script && script.Contains("${{", StringComparison.Ordinal)))
            {
                yield return $"The job {name} puts a context into a script: {step.At("name")}.";
            }
        }
    }

    /// <summary>What is wrong with the one that builds the images.</summary>
    /// <param name="text">The workflow.</param>
    /// <param name="dockerfile">What it builds.</param>
    public static IEnumerable<string> ImageProblems(string text, Dockerfile dockerfile)
    {
        var image = Yaml.Parse(text).At("jobs", "image");
        var steps = image.At("steps").Items();
        var builds = steps.Where(step => ((string)step.At("uses")).StartsWith("docker/build-push-action@", StringComparison.Ordinal)).ToArray();
        var matrix = image.At("strategy", "matrix", "include").Items();
        if (image.At("needs") is not "test")
        {
            yield return "The images are built before the tests have passed.";
        }

        if (!image.At("permissions").Entries().SequenceEqual([("contents", (object)"read"), ("packages", "write"), ("id-token", "write")]))
        {
            yield return "Its rights are not those to push and to sign.";
        }

        foreach (var entry in matrix)
        {
            var name = $"{entry.At("target")}{entry.At("suffix")}";
            if (dockerfile.Stage((string)entry.At("target")) is null)
            {
                yield return $"{name}: the Dockerfile has no such stage.";
            }

            if (entry.At("target") is "final" && entry.At("platforms") is not "linux/amd64,linux/arm64")
            {
                yield return $"{name}: it is not for both architectures.";
            }
        }

        if (matrix.Select(entry => entry.At("suffix")).Distinct().Count() != matrix.Count)
        {
            yield return "Two images have one tag.";
        }

        if (matrix.FirstOrDefault(entry => entry.At("suffix") is "") is not { } standard
            || (standard.At("target"), standard.At("msk-iam"), standard.At("limit")) is not ("final", "false", "45000000"))
        {
            yield return "The image without a suffix is not the default one, of at most 45 MB.";
        }

        if (matrix.FirstOrDefault(entry => entry.At("suffix") is "-msk-iam") is not { } signing
            || (signing.At("target"), signing.At("msk-iam"), signing.At("limit")) is not ("final", "true", "49500000"))
        {
            yield return "The image for Amazon MSK is not the one with what signs.";
        }

        if (builds.Any(build => !((string)build.At("with", "build-args")).Contains("MSK_IAM=${{ matrix.msk-iam }}", StringComparison.Ordinal))
            || !dockerfile.Stage("build")!.All("ARG").Any(argument => argument.Arguments == "MSK_IAM=false")
            || !dockerfile.Stage("build")!.Last("RUN")!.Arguments.Contains("-p:MskIam=$MSK_IAM ", StringComparison.Ordinal))
        {
            yield return "What the matrix says of MSK_IAM does not reach the Dockerfile.";
        }

        if (builds.Where(build => build.At("with", "push") is "true").ToArray() is not [var push]
            || (push.At("with", "sbom"), push.At("with", "provenance")) is not ("true", "mode=max"))
        {
            yield return "What is pushed has no bill of materials, or no provenance.";
        }
        else if (steps[^1] is var last && (!((string)last.At("run")).Contains("cosign sign", StringComparison.Ordinal)
            || !((string)last.At("env", "IMAGE")).EndsWith($"@${{{{ steps.{push.At("id")}.outputs.digest }}}}", StringComparison.Ordinal)))
        {
            yield return "What is pushed is not signed by its digest.";
        }
    }

    [GeneratedRegex(@"(?m)^\s*(?:- )?uses: (.+)$")]
    private static partial Regex Uses();

    [GeneratedRegex(@"^(?:\./\S+|[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+)$")]
    private static partial Regex Pinned();
}
