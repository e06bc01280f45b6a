namespace SimpleTime.Functions.Tests.Support;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The folder of the app's project.</summary>
    public static string App => PathOf("SimpleTime.Functions");

    /// <summary>The path of a file or folder.</summary>
    /// <param name="name">Its path in the repository.</param>
    public static string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>The text of a file.</summary>
    /// <param name="name">Its path in the repository.</param>
    public static string Read(string name) => File.ReadAllText(PathOf(name));

    private static string Find(string start)
    {
        var folder = new DirectoryInfo(start);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SimpleTime.Functions.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"The sources of the tests are not above {start}.");
    }
}
