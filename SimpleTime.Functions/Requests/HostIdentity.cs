using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SimpleTime.Functions.Requests;

/// <summary>Where the service runs. Immutable.</summary>
/// <param name="Hostname">The name of the host; in Kubernetes the pod's.</param>
/// <param name="Os">The operating system: <c>Linux</c>, <c>Darwin</c> or <c>Windows</c>.</param>
/// <param name="PodIp">The address of the pod or host; null when it has none.</param>
public sealed record HostIdentity(string Hostname, string Os, string? PodIp)
{
    /// <summary>Reads the host.</summary>
    /// <param name="podIp">The address of the pod; null to take the host's first address that is not its loopback.</param>
    internal static HostIdentity Read(string? podIp) => new(
        Dns.GetHostName(),
        OperatingSystem.IsWindows() ? "Windows" : OperatingSystem.IsMacOS() ? "Darwin" : "Linux",
        podIp ?? FirstAddress());

    private static string? FirstAddress()
    {
        try
        {
            var addresses = NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus == OperationalStatus.Up)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
                .ToList();
            return AddressText.Of(
                addresses.Find(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault());
        }
        catch (Exception e) when (e is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            // Among what is read is /etc/resolv.conf, which a container need not have.
            return null;
        }
    }
}
