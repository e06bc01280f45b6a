using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SimpleTime.Functions.Benchmarks.Load;

/// <summary>
/// A connection that is kept and asks for <c>/</c>, one request at a time. Written on the socket itself: a client of the framework
/// would take as much of the processor as the server that is measured. Used by one at a time.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    /// <summary>The header that the requests have, as they come from a load balancer.</summary>
    public const string ForwardedHeader = "X-Forwarded-For";

    /// <summary>Its value.</summary>
    public const string ForwardedFor = "203.0.113.45, 198.51.100.23";

    private const int MaxAnswer = 16 * 1024;

    private static readonly byte[] _request =
        Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\n{ForwardedHeader}: {ForwardedFor}\r\n\r\n");

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[MaxAnswer];

    /// <summary>Connects to a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask ConnectAsync(int port, CancellationToken cancellationToken) =>
        _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);

    /// <summary>Asks, and reads the answer to its end.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The answer is not 200 with a length, or ends early.</exception>
    public async ValueTask GetAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(_request, cancellationToken).ConfigureAwait(false);
        var length = 0;
        int? expected = null;
        do
        {
            var read = await _socket.ReceiveAsync(_answer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new IOException("The server ended a connection, or its answer is too long.");
            }

            length += read;
            expected ??= LengthOf(_answer.AsSpan(0, length));
        }
        while (expected is null || length < expected);
    }

    public void Dispose() => _socket.Dispose();

    // Of head and body; null while the head is not complete.
    private static int? LengthOf(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = answer[..end];
        var field = "\r\nContent-Length: "u8;
        var at = head.IndexOf(field);
        return head.StartsWith("HTTP/1.1 200 "u8) && at >= 0 && Utf8Parser.TryParse(head[(at + field.Length)..], out int body, out _)
            ? end + 4 + body
            : throw new IOException("The server answered: " + Encoding.ASCII.GetString(head));
    }
}
