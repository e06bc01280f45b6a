using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker;

/// <summary>Tells a program on the same machine, with the same settings, where the host listens.</summary>
public static class HostAddress
{
    /// <summary>Returns the address of a route: of the first of the host's addresses whose port is fixed.</summary>
    /// <param name="configuration">The configuration of the builder.</param>
    /// <param name="route">The route, without the prefix of host.json.</param>
    /// <returns>Null when there is none, as with port 0, a Unix socket or what is no address.</returns>
    public static Uri? Find(IConfiguration configuration, string route)
    {
        var prefix = HostSettings.Read(new SettingReader(configuration, new StartupNotices())).RoutePrefix;
        foreach (var text in configuration[WebHostDefaults.ServerUrlsKey]?.Split(';') ?? [])
        {
            if (Parse(text) is { IsUnixPipe: false, Port: > 0 and <= IPEndPoint.MaxPort } address
                && address.Scheme.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase))
            {
                return new UriBuilder(Uri.UriSchemeHttp, Host(address.Host), address.Port, prefix.Length > 0 ? $"{prefix}/{route}" : route).Uri;
            }
        }

        return null;
    }

    private static BindingAddress? Parse(string text)
    {
        try
        {
            return BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // The server listens at all addresses for any name but localhost.
    private static string Host(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? host
        : !IPAddress.TryParse(host, out var address) || address.Equals(IPAddress.Any) ? IPAddress.Loopback.ToString()
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback.ToString()
        : address.ToString();
}
