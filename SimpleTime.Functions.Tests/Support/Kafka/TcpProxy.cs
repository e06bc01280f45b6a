using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>Passes connections on to a port of 127.0.0.1, until it is told to do what a network does. Safe for use by several threads.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    /// <summary>Where connections come from, for who they are passed on to: an address of their own, where the system has several.</summary>
    public static readonly IPAddress Source = OperatingSystem.IsLinux() ? IPAddress.Parse("127.0.0.2") : IPAddress.Loopback;

    private readonly int _target;
    private readonly CancellationTokenSource _stopping = new();
    // And whether a request to write came on it.
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly List<Socket> _fillers = [];
    private volatile bool _isPassing = true;
    private volatile bool _isClosing;
    private int _connections;
    private volatile Socket _listener;
    private Task _accepting;

    /// <param name="target">The port that connections are passed on to.</param>
    public TcpProxy(int target)
    {
        _target = target;
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>How many connections it has accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Closes all connections, and new ones as soon as it has accepted them.</summary>
    public void Close()
    {
        _isClosing = true;
        CloseAll();
    }

    /// <summary>Closes the connections on which clients wrote to topics.</summary>
    public void CloseProducers()
    {
        foreach (var (socket, hasWritten) in _sockets)
        {
            if (hasWritten)
            {
                socket.Close(0);
            }
        }
    }

    /// <summary>Closes all connections and refuses new ones.</summary>
    public void Refuse()
    {
        _listener.Dispose();
        CloseAll();
    }

    /// <summary>Takes connections and passes nothing on.</summary>
    public void Hang() => _isPassing = false;

    /// <summary>Passes nothing on and answers no new connection, as a network that drops packets.</summary>
    public async Task DropAsync()
    {
        _isPassing = false;
        _listener.Dispose();
        _listener = Listen(Port, backlog: 1);

        // Linux drops what comes to a full backlog.
        for (var i = 0; i < 4; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _fillers.Add(filler);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            try
            {
                await filler.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    /// <summary>Passes connections on again; those of before are closed.</summary>
    public void Restore()
    {
        _listener.Dispose();
        CloseAll();
        _isPassing = true;
        _isClosing = false;
        _listener = Listen(Port);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        CloseAll();
        await _accepting;
        _stopping.Dispose();
    }

    private static Socket Listen(int port, int backlog = 128)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(backlog);
        return listener;
    }

    private void CloseAll()
    {
        foreach (var socket in _sockets.Keys.Concat(_fillers))
        {
            socket.Close(0);
        }

        _sockets.Clear();
        _fillers.Clear();
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await listener.AcceptAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It is told to refuse, or over.
        }
    }

    private async Task PassAsync(Socket client)
    {
        Interlocked.Increment(ref _connections);
        if (_isClosing)
        {
            client.Dispose();
            return;
        }

        _sockets[client] = false;
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets[server] = false;
        try
        {
            server.Bind(new IPEndPoint(Source, 0));
            await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            await Task.WhenAny(CopyAsync(client, server, isClient: true), CopyAsync(server, client, isClient: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two is gone.
        }

        if (_isPassing)
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isClient)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is > 0 and var read)
            {
                if (!_isPassing)
                {
                    // What arrives is lost, and nothing is closed.
                    await Task.Delay(Timeout.Infinite, _stopping.Token);
                }

                // Of a request, two bytes behind its length say which: 0 is Produce.
                if (isClient && read > 6 && buffer[4] == 0 && buffer[5] == 0)
                {
                    _sockets.TryUpdate(from, true, false);
                }

                await to.SendAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two is gone.
        }
    }
}
