namespace SimpleTime.Functions.Tests.AzureHost;

/// <summary>The sources that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The folder of the app's project.</summary>
    public static string App => Path.Combine(Root, "SimpleTime.Functions");

    private static string Find(string folder)
    {
        var candidate = new DirectoryInfo(folder);
        while (candidate is not null && !File.Exists(Path.Combine(candidate.FullName, "SimpleTime.Functions.sln")))
        {
            candidate = candidate.Parent;
        }

        return candidate?.FullName ?? throw new DirectoryNotFoundException($"The sources of the tests are not above {folder}.");
    }
}
