using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>
/// Binds this assembly's imports to the very librdkafka that Confluent.Kafka loaded. The package carries several builds
/// of it (<c>librdkafka</c>, <c>centos8-librdkafka</c>, <c>alpine-librdkafka</c>) and tries them in turn, so that its name
/// is known only once it is loaded. Safe for use by several threads.
/// </summary>
internal static class LibrdkafkaLibrary
{
    /// <summary>The library's name in this assembly's imports.</summary>
    public const string ImportName = "librdkafka-mock";

    private const string FileNamePart = "librdkafka";

    private static readonly Lazy<nint> _handle = new(Load);
    private static readonly Lazy<bool> _bound = new(Bind);

    /// <summary>Loads the library and binds the imports to it; once only.</summary>
    /// <exception cref="PlatformNotSupportedException">The library cannot be loaded or found.</exception>
    public static void EnsureLoaded()
    {
        _ = _handle.Value;
        _ = _bound.Value;
    }

    /// <summary>Finds the path of the mapped librdkafka.</summary>
    /// <param name="maps">Lines in the format of <c>/proc/self/maps</c>, see proc_pid_maps(5).</param>
    /// <returns>The path; null when none is mapped.</returns>
    internal static string? FindMappedPath(IEnumerable<string> maps)
    {
        foreach (var line in maps)
        {
            var start = line.IndexOf('/', StringComparison.Ordinal);
            if (start >= 0 && Path.GetFileName(line.AsSpan(start)).Contains(FileNamePart, StringComparison.Ordinal))
            {
                return line[start..];
            }
        }

        return null;
    }

    private static nint Load()
    {
        try
        {
            Library.Load(null);
        }
        catch (Exception e) when (e is DllNotFoundException or InvalidOperationException)
        {
            throw NotSupported("librdkafka cannot be loaded: " + e.Message, e);
        }

        // Only Linux tells which file was loaded. Elsewhere the package carries one build, under its plain name.
        if (OperatingSystem.IsLinux())
        {
            var path = FindMappedPath(File.ReadLines("/proc/self/maps"))
                ?? throw NotSupported("librdkafka is loaded from a file that /proc/self/maps does not name.");
            return NativeLibrary.Load(path);
        }

        return NativeLibrary.TryLoad(FileNamePart, typeof(Library).Assembly, null, out var handle)
            ? handle
            : throw NotSupported("librdkafka was not found under its plain name.");
    }

    private static bool Bind()
    {
        NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaLibrary).Assembly, Resolve);
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == ImportName ? _handle.Value : 0;

    private static PlatformNotSupportedException NotSupported(string reason, Exception? inner = null) =>
        new("The embedded broker is not available on this platform (" + RuntimeInformation.RuntimeIdentifier + "). " + reason, inner);
}
