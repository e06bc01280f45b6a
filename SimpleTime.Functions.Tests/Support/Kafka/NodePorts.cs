using System.Net;
using System.Net.Sockets;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>The ports of a node on 127.0.0.1.</summary>
/// <param name="Plain">For the tests' own clients and the other brokers: no TLS, no user.</param>
/// <param name="Secure">For clients with TLS, a user, or both.</param>
/// <param name="Controller">For brokers and controllers.</param>
/// <param name="Proxied">For clients that come through a proxy.</param>
internal sealed record NodePorts(int Plain, int Secure, int Controller, int Proxied)
{
    // Below those that systems give to outgoing connections, which would take the port of a node that is away.
    private const int First = 20_000;
    private const int End = 32_000;

    private static readonly Lock _lock = new();
    private static readonly HashSet<int> _given = [];

    /// <summary>Returns ports that nobody listens on and that were never returned before. Another process may still take one.</summary>
    public static NodePorts Choose() => new(ChooseOne(), ChooseOne(), ChooseOne(), ChooseOne());

    private static int ChooseOne()
    {
        lock (_lock)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (IsFree(port) && _given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
