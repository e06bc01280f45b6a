using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>What the text of <c>infra/</c> declares.</summary>
internal static partial class TerraformFiles
{
    /// <summary>The annotations that the cluster's Secret has for Argo CD.</summary>
    /// <param name="outputs">outputs.tf.</param>
    public static IReadOnlyList<string> Annotations(string outputs) =>
        [.. Key().Matches(AnnotationsBlock().Match(outputs).Groups[1].Value).Select(m => m.Groups[1].Value)];

    /// <summary>The service accounts that get a role of <c>roles.tf</c>, as namespace and name.</summary>
    /// <param name="roles">roles.tf.</param>
    public static IReadOnlyList<(string Namespace, string Name)> ServiceAccounts(string roles) =>
        [.. Account().Matches(roles).Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Distinct()];

    /// <summary>All files below folders that Git has, as their paths in the repository and their texts.</summary>
    /// <param name="folders">Paths in the repository.</param>
    public static IEnumerable<(string Path, string Text)> Below(params IEnumerable<string> folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Where(file => !file.Contains("/.terraform", StringComparison.Ordinal) && !file.EndsWith(".tfbackend", StringComparison.Ordinal)
            && !file.Contains(".tfstate", StringComparison.Ordinal))
        .Order()
        .Select(file => (file, Repository.Read(file)));

    [GeneratedRegex(@"\n  annotations = \{\n(.*?)\n  \}", RegexOptions.Singleline)]
    private static partial Regex AnnotationsBlock();

    [GeneratedRegex(@"^ +(\w+) +=", RegexOptions.Multiline)]
    private static partial Regex Key();

    [GeneratedRegex(@"^    ""([a-z-]+)/([a-z-]+)"" = ", RegexOptions.Multiline)]
    private static partial Regex Account();
}
