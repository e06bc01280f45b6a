using System.Reflection;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>Which build this is.</summary>
internal static class BuildInfo
{
    // "1.0.0+" and the commit, where the build knew it.
    private static readonly string[] _parts =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+', 2);

    /// <summary>Gets the version.</summary>
    public static string Version => _parts[0];

    /// <summary>Gets the version and, where the build knew it, the commit.</summary>
    public static string Text => string.Join('+', _parts);

    /// <summary>Gets the commit; <c>unknown</c> for a build outside of a repository.</summary>
    public static string Commit => _parts is [_, var commit] ? commit : "unknown";
}
