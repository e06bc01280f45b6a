using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SimpleTime.Functions.Worker.Kafka.Security;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Looks why a broker cannot be used, apart from every client: its name, the connection, TLS, an answer of Kafka's. A client tells causes as
/// different as an expired certificate and a wrong authority with one text. Safe for use by several threads.
/// </summary>
/// <param name="security">How the clients connect.</param>
/// <param name="hasClientCertificate">Whether they show a certificate of their own, which this does not.</param>
internal sealed class BrokerProbe(KafkaSecurity security, bool hasClientCertificate)
{
    private const string Silent = "it takes connections and answers nothing";
    private const string Closing = "it takes connections and closes them";

    private static readonly TimeSpan _stepTime = TimeSpan.FromSeconds(2);

    // ApiVersions 0, which each broker answers before a login: length 10, key 18, version 0, correlation 7, no client id.
    private static readonly byte[] _question = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];

    /// <summary>Looks at a broker, for some seconds at the most.</summary>
    /// <param name="host">Its name or address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>What is wrong, without the broker's name; null when nothing is found.</returns>
    public async Task<string?> FindProblemAsync(string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = [];
        if (await TryAsync(async step => addresses = await Dns.GetHostAddressesAsync(host, step).ConfigureAwait(false), cancellationToken).ConfigureAwait(false) is { } unknown)
        {
            return $"its name does not resolve: {unknown.Text}";
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (await TryAsync(step => socket.ConnectAsync(addresses, port, step).AsTask(), cancellationToken).ConfigureAwait(false) is { } unreachable)
        {
            return unreachable.IsLate ? "no connection within 2 s" : unreachable.Text;
        }

        await using var connection = new NetworkStream(socket);
        if (!security.UsesTls)
        {
            return await AskTwiceAsync(connection, cancellationToken).ConfigureAwait(false) is { } silence
                ? await SpeaksTlsAsync(host, addresses, port, cancellationToken).ConfigureAwait(false)
                    ? $"it speaks TLS, and {KafkaSecurity.ProtocolSetting} has none"
                    : WithLimit(silence)
                : null;
        }

        await using var tls = new BrokerTls(connection, host, security.CaLocation);
        if (await TryAsync(tls.HandshakeAsync, cancellationToken).ConfigureAwait(false) is { } refused)
        {
            return tls.Problem ?? (refused.IsLate ? WithLimit(Silent)
                : !refused.IsClosed ? $"the TLS handshake fails: {refused.Text}"
                : await SpeaksPlaintextAsync(addresses, port, cancellationToken).ConfigureAwait(false) ? "it ends the TLS handshake, as a port without TLS does"
                : WithLimit(Closing));
        }

        return tls.Problem ?? await AskTwiceAsync(tls.Stream, cancellationToken).ConfigureAwait(false) switch
        {
            // What becomes of theirs is not known here: the client's own error tells.
            { } when tls.IsCertificateWanted && hasClientCertificate => null,
            { } when tls.IsCertificateWanted => $"it wants a certificate of the client, and there is none ({KafkaSecurity.CertificateSetting})",
            var silence => silence,
        };
    }

    // Before a login a broker answers the question once, and ends the connection when it is asked again.
    private async Task<string?> AskTwiceAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (await TryAsync(step => AskAsync(stream, step), cancellationToken).ConfigureAwait(false) is { } first)
        {
            return first.IsLate ? Silent : Closing;
        }

        return !security.UsesSasl && await TryAsync(step => AskAsync(stream, step), cancellationToken).ConfigureAwait(false) is not null
            ? $"it wants a login (SASL), and {KafkaSecurity.ProtocolSetting} has none"
            : null;
    }

    private static async Task AskAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_question, cancellationToken).ConfigureAwait(false);
        var head = new byte[8];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        var rest = BinaryPrimitives.ReadInt32BigEndian(head) - 4;
        if (!head.AsSpan(4).SequenceEqual(_question.AsSpan(8, 4)) || rest is < 0 or > 1 << 20)
        {
            throw new IOException("it answers with something else than Kafka");
        }

        await stream.ReadExactlyAsync(new byte[rest], cancellationToken).ConfigureAwait(false);
    }

    // What a broker does with each connection that it has no room for, by the setting that bounds them.
    private static string WithLimit(string silence) => silence switch
    {
        Closing => $"{silence}, as at its limit of connections (max.connections.per.ip)",
        Silent => $"{silence}, as one that hangs or is at its limit of connections (max.connections)",
        _ => silence,
    };

    private static async Task<bool> SpeaksPlaintextAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        return await TryAsync(
            async step =>
            {
                await socket.ConnectAsync(addresses, port, step).ConfigureAwait(false);
                await AskAsync(new NetworkStream(socket), step).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false) is null;
    }

    private static async Task<bool> SpeaksTlsAsync(string host, IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var hasShownCertificate = false;
        var failure = await TryAsync(
            async step =>
            {
                await socket.ConnectAsync(addresses, port, step).ConfigureAwait(false);
                await using var tls = new BrokerTls(new NetworkStream(socket), host, null);
                try
                {
                    await tls.HandshakeAsync(step).ConfigureAwait(false);
                }
                finally
                {
                    hasShownCertificate = tls.Problem is not null;
                }
            },
            cancellationToken).ConfigureAwait(false);
        return failure is null || hasShownCertificate;
    }

    private static async Task<Failure?> TryAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(_stepTime);
        try
        {
            await step(time.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Failure("no answer within 2 s", IsLate: true, IsClosed: false);
        }
        catch (SocketException e)
        {
            return new Failure(e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : e.Message, IsLate: false, IsClosed: false);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return new Failure((e.InnerException ?? e).Message, IsLate: false, IsClosed: e is IOException);
        }
    }

    private sealed record Failure(string Text, bool IsLate, bool IsClosed);
}
