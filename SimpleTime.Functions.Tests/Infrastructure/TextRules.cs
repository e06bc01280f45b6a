using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>What no tool looks at in the files of <c>infra/</c>, <c>gitops/</c> and their documents.</summary>
internal static partial class TextRules
{
    /// <summary>The account of AWS's own examples.</summary>
    private const string ExampleAccount = "111122223333";

    /// <summary>What is wrong with the state's backend: a sentence each, empty when nothing is.</summary>
    /// <param name="versions">versions.tf, which has the backend.</param>
    public static IEnumerable<string> BackendViolations(string versions)
    {
        var backend = Backend().Match(versions).Groups[1].Value;
        if (!Encrypted().IsMatch(backend))
        {
            yield return "the state is not encrypted";
        }

        if (!Locked().IsMatch(backend))
        {
            yield return "the state is not locked";
        }

        if (versions.Contains("dynamodb", StringComparison.Ordinal))
        {
            yield return "the state is locked in DynamoDB";
        }
    }

    /// <summary>What of a file must not be in Git: a sentence each, empty when there is nothing.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="text">Its text.</param>
    public static IEnumerable<string> Leaks(string path, string text)
    {
        // Examples may have an account, and addresses, that are nobody's.
        var example = path.Contains("/tests/", StringComparison.Ordinal) || path.EndsWith(".example", StringComparison.Ordinal) || path.EndsWith(".md", StringComparison.Ordinal);
        foreach (var account in Account().Matches(text).Select(m => m.Value).Where(account => !example || account != ExampleAccount).Distinct())
        {
            yield return $"{path} has the account {account}";
        }

        foreach (var arn in Arn().Matches(text).Select(m => m.Value).Where(_ => !example).Distinct())
        {
            yield return $"{path} has {arn}";
        }

        foreach (var address in Address().Matches(text).Select(m => m.Value).Where(address => !Unowned().IsMatch(address)).Distinct())
        {
            yield return $"{path} has the address {address}";
        }

        if (Secret().IsMatch(text))
        {
            yield return $"{path} has a secret";
        }
    }

    /// <summary>Modules of elsewhere than this repository.</summary>
    /// <param name="text">A file of Terraform.</param>
    public static IEnumerable<string> ForeignModules(string text) =>
        ModuleSource().Matches(text).Select(m => m.Groups[1].Value).Where(source => !source.StartsWith('.'));

    [GeneratedRegex(@"backend ""s3"" \{\n(.*?)\n  \}", RegexOptions.Singleline)]
    private static partial Regex Backend();

    [GeneratedRegex(@"^ +encrypt += true$", RegexOptions.Multiline)]
    private static partial Regex Encrypted();

    [GeneratedRegex(@"^ +use_lockfile += true$", RegexOptions.Multiline)]
    private static partial Regex Locked();

    [GeneratedRegex(@"(?<![0-9a-f.-])[0-9]{12}(?![0-9a-f])")]
    private static partial Regex Account();

    [GeneratedRegex(@"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:\S+")]
    private static partial Regex Arn();

    [GeneratedRegex(@"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b")]
    private static partial Regex Address();

    /// <summary>Private, link-local, all, and those of RFC 5737's examples.</summary>
    [GeneratedRegex(@"^(?:0\.0\.0\.0|127\.|10\.|169\.254\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)")]
    private static partial Regex Unowned();

    [GeneratedRegex(@"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|(?i:password|secret|token|key)[""']?\s*[:=]\s*[""']?[A-Za-z0-9+/]{20,}={0,2}[""']?\s*$", RegexOptions.Multiline)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^module ""\w+"" \{\n\s+source += ""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex ModuleSource();
}
