using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Native;

/// <summary>
/// Loads the librdkafka that is shipped with the service, by its full path. Confluent.Kafka looks for it by name: where the shipped
/// <c>librdkafka.so</c> lacks a library it needs, a file of that name in the system or in <c>LD_LIBRARY_PATH</c> comes before the other
/// builds of the package, and ends the process where it is too old. Safe for use by several threads.
/// </summary>
internal static class LibrdkafkaLibrary
{
    /// <summary>The library's name in this assembly's imports.</summary>
    public const string ImportName = "librdkafka-shipped";

    private const string Name = "librdkafka";

    private static readonly Lazy<nint> _handle = new(Load);
    private static readonly Lazy<bool> _isBound = new(Bind);

    /// <summary>Gets the handle of the library that the clients use, which it loads first.</summary>
    /// <exception cref="InvalidOperationException">The library cannot be loaded.</exception>
    public static nint Handle => _handle.Value;

    /// <summary>Gets what is wrong with the loaded library; null when its version is the one that this was compiled for.</summary>
    /// <exception cref="InvalidOperationException">The library cannot be loaded.</exception>
    public static string? Problem => Handle == 0 ? null : ProblemOf(Library.Version, Library.VersionString);

    /// <summary>Loads the library before the first client does; once only.</summary>
    /// <exception cref="InvalidOperationException">The library cannot be loaded.</exception>
    public static void EnsureLoaded() => _ = Handle;

    /// <summary>Binds this assembly's imports to the library; to be called before any of them.</summary>
    /// <exception cref="InvalidOperationException">The library cannot be loaded.</exception>
    public static void EnsureBound() => _ = _isBound.Value;

    /// <summary>Compares a version with that of Confluent.Kafka, which is released with a librdkafka of the same version.</summary>
    /// <param name="version">As <c>rd_kafka_version</c> tells it: 0xMMmmrrpp, where pp is 0xff for a release.</param>
    /// <param name="text">As <c>rd_kafka_version_str</c> tells it.</param>
    internal static string? ProblemOf(int version, string text)
    {
        var expected = typeof(Library).Assembly.GetName().Version!;
        return (version >> 8) == ((expected.Major << 16) | (expected.Minor << 8) | expected.Build)
            ? null
            : $"librdkafka is {text}, but Confluent.Kafka is made for {expected.ToString(3)}: functions may be missing, and end the process.";
    }

    /// <summary>Returns the paths where the shipped library may be, in the order in which Confluent.Kafka tries its builds.</summary>
    /// <param name="folders">The folders of the program's native libraries.</param>
    internal static IEnumerable<string> Candidates(IEnumerable<string> folders)
    {
        string[] files = OperatingSystem.IsWindows() ? [Name + ".dll"]
            : OperatingSystem.IsMacOS() ? [Name + ".dylib"]
            : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? ["alpine-" + Name + ".so"]
            : [Name + ".so", "centos8-" + Name + ".so"];
        return files.SelectMany(file => folders.Select(folder => Path.Combine(folder, file)));
    }

    /// <summary>Finds the path of the mapped librdkafka.</summary>
    /// <param name="maps">Lines in the format of <c>/proc/self/maps</c>, see proc_pid_maps(5).</param>
    /// <returns>The path; null when none is mapped.</returns>
    internal static string? FindMappedPath(IEnumerable<string> maps)
    {
        foreach (var line in maps)
        {
            var start = line.IndexOf('/', StringComparison.Ordinal);
            if (start >= 0 && Path.GetFileName(line.AsSpan(start)).Contains(Name, StringComparison.Ordinal))
            {
                return line[start..];
            }
        }

        return null;
    }

    private static bool Bind()
    {
        var handle = Handle;
        NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaLibrary).Assembly, (name, _, _) => name == ImportName ? handle : 0);
        return true;
    }

    private static nint Load()
    {
        nint shipped = 0;
        _ = Candidates(Folders()).Any(path => File.Exists(path) && NativeLibrary.TryLoad(path, out shipped));
        if (shipped != 0)
        {
            NativeLibrary.SetDllImportResolver(
                typeof(Library).Assembly, (name, _, _) => name.EndsWith(Name, StringComparison.Ordinal) ? shipped : 0);
        }

        try
        {
            Library.Load(null);
        }
        catch (Exception e) when (e is DllNotFoundException or InvalidOperationException)
        {
            throw new InvalidOperationException("librdkafka cannot be loaded: " + e.Message, e);
        }

        return shipped != 0 ? shipped : Loaded();
    }

    // Where a build runs from the packages' folders, the runtime alone knows them.
    private static string[] Folders() =>
        [AppContext.BaseDirectory, .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator)];

    // Where nothing is shipped for a platform, Confluent.Kafka may have found a file of the system. Only Linux tells which.
    private static nint Loaded()
    {
        var path = OperatingSystem.IsLinux() ? FindMappedPath(File.ReadLines("/proc/self/maps")) : null;
        return NativeLibrary.TryLoad(path ?? Name, typeof(Library).Assembly, null, out var handle)
            ? handle
            : throw new InvalidOperationException("librdkafka is loaded from a file that is not known.");
    }
}
