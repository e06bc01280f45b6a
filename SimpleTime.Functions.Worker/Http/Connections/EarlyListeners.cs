using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>
/// Binds the server's addresses before anything else starts, and hands each to the server when that asks for it. Connections wait until then.
/// Used by one thread at a time.
/// </summary>
internal sealed class EarlyListeners(IConnectionListenerFactory factory) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly Dictionary<string, IConnectionListener> _bound = [];

    /// <summary>Binds an address by the server's rules: localhost is two addresses of which one will do, and a name is all addresses.</summary>
    /// <param name="address">The address, such as <c>http://localhost:8080</c>.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What is wrong; null when it is bound.</returns>
    public async Task<string?> TryBindAsync(string address, CancellationToken cancellationToken)
    {
        string? problem = null;
        var isBound = false;
        try
        {
            var parsed = BindingAddress.Parse(address);
            foreach (var endpoint in EndPoints(parsed))
            {
                try
                {
                    _bound[Key(endpoint)] = await factory.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
                    isBound = true;
                    if (endpoint is IPEndPoint { Address: var all } && all.Equals(IPAddress.IPv6Any))
                    {
                        // Has the connections of IPv4 too.
                        break;
                    }
                }
                catch (SocketException e)
                {
                    problem = e.Message;
                }
            }
        }
        catch (Exception e) when (e is AddressInUseException or ArgumentException)
        {
            return e.Message;
        }

        return isBound ? null : problem;
    }

    /// <summary>Closes what the server did not ask for.</summary>
    public async Task ReleaseAsync()
    {
        foreach (var listener in _bound.Values)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        _bound.Clear();
    }

    public bool CanBind(EndPoint endpoint) => factory is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        _bound.Remove(Key(endpoint), out var listener) ? listener : await factory.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);

    private static string Key(EndPoint endpoint) => $"{endpoint.AddressFamily} {endpoint}";

    private static IEnumerable<EndPoint> EndPoints(BindingAddress address)
    {
        if (address.IsUnixPipe)
        {
            return [new UnixDomainSocketEndPoint(address.UnixPipePath)];
        }

        IPAddress[] addresses = address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : IPAddress.TryParse(address.Host, out var one) ? [one]
            : [IPAddress.IPv6Any, IPAddress.Any];
        return addresses.Select(ip => new IPEndPoint(ip, address.Port));
    }
}
