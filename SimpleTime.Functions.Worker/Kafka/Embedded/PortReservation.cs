using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>
/// Keeps ports of 127.0.0.1 at which nothing listens from being given to anybody else; whoever names one, as the cluster does,
/// may listen there all the same. Works on Linux, elsewhere it keeps nothing. Not safe for use by several threads.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly List<Socket> _sockets = [];

    /// <param name="addresses">The ports, each behind a colon, comma-separated as <c>bootstrap.servers</c> has them.</param>
    /// <exception cref="SocketException">A port has been taken for a second.</exception>
    public PortReservation(string addresses)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            foreach (var address in addresses.Split(','))
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                // With this on both sides a port may be bound twice, as long as one of them alone listens (socket(7)).
                socket.SetRawSocketOption(SocketLevel, ReuseAddress, BitConverter.GetBytes(1));
                Bind(socket, new IPEndPoint(IPAddress.Loopback, IPEndPoint.Parse(address).Port));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    // Whoever listened until now may live on for a moment in a process that was forked and has not become another program yet.
    private static void Bind(Socket socket, IPEndPoint address)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                socket.Bind(address);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && Stopwatch.GetElapsedTime(since) < _patience)
            {
                Thread.Sleep(1);
            }
        }
    }
}
