namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>
/// What <c>runtime-deps:10.0-noble-chiseled</c> gives the image that is built on it, from its Dockerfile in the repository dotnet/dotnet-docker
/// (<c>src/runtime-deps/10.0/noble-chiseled</c>): the libraries of libc6, libgcc-s1, libssl3t64 and libstdc++6, certificates, no shell.
/// </summary>
internal static class BaseImage
{
    /// <summary>Its name.</summary>
    public const string Name = "mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled";

    private static readonly HashSet<string> _libraries =
    [
        "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libanl.so.1", "libc.so.6", "libdl.so.2", "libm.so.6", "libnss_dns.so.2", "libnss_files.so.2",
        "libpthread.so.0", "libresolv.so.2", "librt.so.1", "libutil.so.1", "libgcc_s.so.1", "libcrypto.so.3", "libssl.so.3", "libstdc++.so.6",
    ];

    /// <summary>The variables that it sets.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["APP_UID"] = "1654",
        ["ASPNETCORE_HTTP_PORTS"] = "8080",
        ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
        ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "true",
    };

    /// <summary>Those of its libraries that the service opens by name once it runs: .NET's cryptography.</summary>
    public static IReadOnlyList<string> Opened { get; } = ["libssl.so.3", "libcrypto.so.3"];

    /// <summary>Whether it has a library.</summary>
    /// <param name="name">The library's name as others ask for it.</param>
    public static bool Has(string name) => _libraries.Contains(name);
}
