using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>Finds the <c>dotnet</c> that runs this test, to start further programs of the output folder with it.</summary>
internal static class DotnetHost
{
    private static readonly string _fileName = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <summary>The path of <c>dotnet</c>; the bare name, for the system to look up, when it is in none of the known places.</summary>
    public static string Path { get; } = Find();

    /// <summary>The path of a file in the tests' output folder.</summary>
    /// <param name="fileName">The file's name.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string OutputFile(string fileName)
    {
        var path = System.IO.Path.Combine(AppContext.BaseDirectory, fileName);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException("The tests' output folder lacks a program that they start: " + path, path);
    }

    private static string Find()
    {
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        string?[] candidates =
        [
            System.IO.Path.GetFileName(Environment.ProcessPath) == _fileName ? Environment.ProcessPath : null,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            string.IsNullOrEmpty(root) ? null : System.IO.Path.Combine(root, _fileName),

            // shared/Microsoft.NETCore.App/VERSION/ under the folder of dotnet
            System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", _fileName)),
        ];
        return Array.Find(candidates, File.Exists) ?? _fileName;
    }
}
