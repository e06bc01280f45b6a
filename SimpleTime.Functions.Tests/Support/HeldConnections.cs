using System.Net.Sockets;
using System.Text;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>Connections to a server of this machine that are held open. Disposal closes them. Used by one thread at a time.</summary>
internal sealed class HeldConnections(int port) : IDisposable
{
    private static readonly byte[] _get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly List<Socket> _sockets = [];

    /// <summary>How many were opened.</summary>
    public int Count => _sockets.Count;

    /// <summary>How many of them the server has not closed.</summary>
    public int OpenCount => _sockets.Count(socket => !IsClosed(socket));

    /// <summary>Opens a connection and sends a text; empty for none.</summary>
    public async Task<Socket> OpenAsync(string text = "", int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        // A server that closed it already is what some tests want.
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
        }

        return socket;
    }

    /// <summary>Opens a connection, has a request answered on it and keeps it.</summary>
    public async Task<Socket> OpenAndGetAsync()
    {
        var socket = await OpenAsync();
        await GetAsync(socket);
        return socket;
    }

    /// <summary>Sends a request and reads what comes first of the answer.</summary>
    public static async Task GetAsync(Socket socket)
    {
        await socket.SendAsync(_get);
        await socket.ReceiveAsync(new byte[4096]).WaitAsync(Eventually.DefaultDeadline);
    }

    /// <summary>Whether the server has closed a connection whose answers are read.</summary>
    public static bool IsClosed(Socket socket)
    {
        try
        {
            while (socket.Available > 0)
            {
                socket.Receive(new byte[4096]);
            }

            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }
}
