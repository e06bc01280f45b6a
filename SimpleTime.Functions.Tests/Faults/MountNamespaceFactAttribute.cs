using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A test that mounts file systems of its own: <c>unshare -rm</c>.</summary>
internal sealed class MountNamespaceFactAttribute : FactAttribute
{
    private static readonly string? _problem = Commands.Problem(
        "unshare",
        ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
        "This system lets nobody mount a file system in a namespace of its own.");

    public MountNamespaceFactAttribute() => Skip = _problem;
}
