using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>
/// Where the server listens. The first that is set decides: <c>--urls</c>, <c>--port</c>; <c>ASPNETCORE_URLS</c>, <c>ASPNETCORE_HTTP_PORTS</c> and <c>PORT</c>
/// of the environment; the same of local.settings.json; its <c>Host.LocalHttpPort</c>; <c>DOTNET_URLS</c>. Immutable.
/// </summary>
/// <param name="Source">What decided, as the beginning of a sentence.</param>
internal sealed record ListenAddresses(string Source)
{
    /// <summary>Where the port that local.settings.json has for its host stands in the configuration.</summary>
    public const string LocalPort = "Host:LocalHttpPort";

    private const string Urls = "ASPNETCORE_URLS";
    private const string HttpPorts = "ASPNETCORE_HTTP_PORTS";
    private const string HttpsPorts = "ASPNETCORE_HTTPS_PORTS";
    private const string Port = "PORT";
    private const string NoHttps = "https needs a certificate, for which there is no setting; a proxy in front has to end TLS";
    private const string NoPort = "it is not a port, a whole number from 0 to 65535";

    /// <summary>Decides, and gives the server its addresses. What it could not take, or would take for something else, is a fault.</summary>
    public static ListenAddresses Decide(ConfigurationManager configuration, HostArguments arguments, StartupNotices notices)
    {
        var (setting, value) = Find(configuration, arguments);
        var source = setting is null ? "The default address" : $"The setting {setting}";
        var isList = setting is not (HostArguments.PortOption or Port or LocalPort);
        List<string> addresses = [];
        foreach (var entry in isList ? value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [value.Trim()])
        {
            var address = setting switch
            {
                HostArguments.PortOption or LocalPort => DefaultAddress(entry),
                HttpPorts or Port => $"http://*:{entry}",
                HttpsPorts => $"https://*:{entry}",
                _ => entry,
            };
            if ((address == entry || IsPort(entry) ? Problem(address) : NoPort) is { } problem)
            {
                notices.Refuse(StartupFault.WrongSetting, $"{source} cannot be used, \"{SafeText.OneLine(entry, 128)}\": {problem}.");
            }

            addresses.Add(address);
        }

        if (addresses.Count == 0)
        {
            notices.Refuse(StartupFault.WrongSetting, $"{source} cannot be used, \"{SafeText.OneLine(value, 128)}\": it names no address.");
        }

        configuration[WebHostDefaults.ServerUrlsKey] = string.Join(';', addresses.Distinct(StringComparer.OrdinalIgnoreCase));
        configuration[WebHostDefaults.HttpPortsKey] = null;
        configuration[WebHostDefaults.HttpsPortsKey] = null;
        return new ListenAddresses(source);
    }

    private static (string? Setting, string Value) Find(ConfigurationManager configuration, HostArguments arguments)
    {
        if (!string.IsNullOrWhiteSpace(arguments.Urls))
        {
            return (HostArguments.UrlsOption, arguments.Urls);
        }

        if (!string.IsNullOrWhiteSpace(arguments.Port))
        {
            return (HostArguments.PortOption, arguments.Port);
        }

        // HTTPS first: the server takes ports of both kinds together.
        if (configuration.Latest(Urls, HttpsPorts, HttpPorts, Port, LocalPort) is var (name, value))
        {
            return (name, value);
        }

        return configuration.GetText(WebHostDefaults.ServerUrlsKey) is { } other ? ("DOTNET_URLS", other) : (null, DefaultAddress("8080"));
    }

    // The server cannot have a port chosen for both of the addresses of localhost.
    private static string DefaultAddress(string port) =>
        $"http://{(RunningInContainer.Value ? "0.0.0.0" : port == "0" ? "127.0.0.1" : "localhost")}:{port}";

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // Stricter than the server, which takes what it does not understand for the name of a host, and a host for all addresses.
    private static string? Problem(string address)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return "it is not an address such as http://0.0.0.0:8080";
        }

        return parsed switch
        {
            { Scheme: var scheme } when scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) => NoHttps,
            { Scheme: var scheme } when !scheme.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase) => "its scheme is not http",
            { PathBase.Length: > 0 } => "it has a path",
            { IsUnixPipe: true } => null,
            { Port: < ushort.MinValue or > ushort.MaxValue } => "its port is not from 0 to 65535",
            { Port: 0, Host: var host } when host.Equals("localhost", StringComparison.OrdinalIgnoreCase) => "localhost has two addresses, and port 0 is chosen for one; 127.0.0.1 is such",
            { Host: "*" or "+" } => null,
            { Host: var host } => IsHost(host) ? null : $"\"{SafeText.OneLine(host, 128)}\" is neither an address nor the name of a host",
        };
    }

    private static bool IsHost(string host) => host.All(c => char.IsAsciiDigit(c) || c == '.')
        ? IPAddress.TryParse(host, out var address) && address.ToString() == host
        : IPAddress.TryParse(host, out _) || Uri.CheckHostName(host) == UriHostNameType.Dns;
}
