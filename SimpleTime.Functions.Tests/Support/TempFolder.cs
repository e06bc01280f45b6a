namespace SimpleTime.Functions.Tests.Support;

/// <summary>A new, empty folder under the system's temporary one, deleted with all that is in it on disposal.</summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Creates the folder.</summary>
    public TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("simple-time-test-").FullName;
    }

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>The path of a file or folder in it, which need not exist.</summary>
    /// <param name="name">The name in the folder.</param>
    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Deletes the folder. A folder that is gone already is no error.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }
}
