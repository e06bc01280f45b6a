using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// TLS and SASL before a test broker, which speaks plaintext only: ends both, passes the requests on, and writes its own address into
/// the answers, so that clients come back through it. Safe for use by several threads.
/// </summary>
internal sealed class SecureBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _tokens = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly byte[] _brokersAddress;
    private readonly byte[] _ownAddress;
    private readonly int _brokerPort;
    private readonly Task _accepting;
    private volatile string _password = "";
    private int _authentications;
    private int _refusals;

    /// <param name="bootstrapServers">The one broker behind it.</param>
    public SecureBroker(string bootstrapServers)
    {
        _listener.Start();
        _brokerPort = IPEndPoint.Parse(bootstrapServers).Port;
        _brokersAddress = [.. "127.0.0.1"u8, .. KafkaFrame.Int32(_brokerPort)];
        _ownAddress = [.. "127.0.0.1"u8, .. KafkaFrame.Int32(Port)];
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The certificate of TLS; null for none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether the certificate of a client is taken, with the others that it sent; null where none is wanted.</summary>
    public Func<X509Certificate2, X509Certificate2Collection, bool>? TakesClient { get; init; }

    /// <summary>The SASL mechanism; null for none.</summary>
    public string? Mechanism { get; init; }

    public string Username { get; init; } = "";

    public string Password
    {
        get => _password;
        set => _password = value;
    }

    /// <summary>Whether a token is taken.</summary>
    public Func<string, bool> IsToken { get; init; } = _ => true;

    /// <summary>How long an authentication is good before the client has to do it again on the connection; 0 for ever.</summary>
    public TimeSpan SessionLifetime { get; init; }

    public string BootstrapServers => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>How many authentications succeeded.</summary>
    public int Authentications => Volatile.Read(ref _authentications);

    /// <summary>How many authentications failed.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <summary>The tokens that clients showed.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <summary>What went wrong on connections, for messages of failed tests.</summary>
    public string Failures => string.Join('\n', _failures);

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var _ = client;
        using var broker = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await using var front = await SecureAsync(client.GetStream(), ended.Token);
            await broker.ConnectAsync(IPAddress.Loopback, _brokerPort, ended.Token);
            var back = broker.GetStream();
            using var turn = new SemaphoreSlim(1, 1);
            if (Mechanism is null || await AuthenticateAsync(front, back, ended.Token))
            {
                await Task.WhenAny(RequestsAsync(front, back, turn, ended.Token), AnswersAsync(front, back, turn, ended.Token)).Unwrap();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _failures.Enqueue(e.Message);
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream stream, CancellationToken ended)
    {
        if (Certificate is null)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = Certificate,
                ClientCertificateRequired = TakesClient is not null,
                RemoteCertificateValidationCallback = (_, shown, chain, _) =>
                    TakesClient is null || (shown is X509Certificate2 client && TakesClient(client, chain!.ChainPolicy.ExtraStore)),
            },
            ended);
        return secure;
    }

    /// <summary>Before it has authenticated, a client may ask for the versions only.</summary>
    private async Task<bool> AuthenticateAsync(Stream front, NetworkStream back, CancellationToken ended)
    {
        SaslSession? session = null;
        while (session?.IsDone != true)
        {
            if (await KafkaFrame.ReadAsync(front, ended) is not { } request)
            {
                return false;
            }

            byte[]? answer;
            if (KafkaFrame.Key(request) == KafkaFrame.ApiVersions)
            {
                await KafkaFrame.WriteAsync(back, request, ended);
                var versions = await KafkaFrame.ReadAsync(back, ended) ?? throw new EndOfStreamException();
                answer = KafkaFrame.WithSasl(versions, KafkaFrame.Version(request));
            }
            else
            {
                answer = Sasl(request, ref session);
            }

            if (answer is null)
            {
                return false;
            }

            await KafkaFrame.WriteAsync(front, answer, ended);
        }

        return true;
    }

    private byte[]? Sasl(byte[] request, ref SaslSession? session)
    {
        var body = KafkaFrame.Body(request);
        switch (KafkaFrame.Key(request))
        {
            case KafkaFrame.SaslHandshake:
                var asked = System.Text.Encoding.ASCII.GetString(body.AsSpan(2));
                session = new SaslSession(asked, Username, Password, IsTaken);
                return KafkaFrame.Answer(
                    request, [.. KafkaFrame.Int16(asked == Mechanism ? 0 : 33), .. KafkaFrame.Int32(1), .. KafkaFrame.Text(Mechanism!)]);
            case KafkaFrame.SaslAuthenticate when session is not null:
                var reply = session.Answer(body[4..]);
                if (reply is null)
                {
                    Interlocked.Increment(ref _refusals);
                    _failures.Enqueue($"Refused: {Convert.ToHexString(body)}");
                }

                if (session.IsDone)
                {
                    Interlocked.Increment(ref _authentications);
                }

                byte[] message = reply is null ? KafkaFrame.Text("Authentication failed") : KafkaFrame.Int16(-1);
                byte[] lifetime = KafkaFrame.Version(request) >= 1 ? KafkaFrame.Int64((long)SessionLifetime.TotalMilliseconds) : [];
                return KafkaFrame.Answer(
                    request,
                    [.. KafkaFrame.Int16(reply is null ? 58 : 0), .. message, .. KafkaFrame.Int32(reply?.Length ?? 0), .. reply ?? [], .. lifetime]);
            default:
                _failures.Enqueue($"The client sent request {KafkaFrame.Key(request)} without authentication.");
                return null;
        }
    }

    private bool IsTaken(string token)
    {
        _tokens.Enqueue(token);
        return IsToken(token);
    }

    private async Task RequestsAsync(Stream front, NetworkStream back, SemaphoreSlim turn, CancellationToken ended)
    {
        SaslSession? session = null;
        while (await KafkaFrame.ReadAsync(front, ended) is { } request)
        {
            if (KafkaFrame.Key(request) is not (KafkaFrame.SaslHandshake or KafkaFrame.SaslAuthenticate))
            {
                await KafkaFrame.WriteAsync(back, request, ended);
            }
            else if (Sasl(request, ref session) is { } answer)
            {
                await SendAsync(front, answer, turn, ended);
            }
        }
    }

    private async Task AnswersAsync(Stream front, NetworkStream back, SemaphoreSlim turn, CancellationToken ended)
    {
        while (await KafkaFrame.ReadAsync(back, ended) is { } answer)
        {
            for (var at = 0; answer.AsSpan(at).IndexOf(_brokersAddress) is var found and >= 0; at += found + _ownAddress.Length)
            {
                _ownAddress.CopyTo(answer, at + found);
            }

            await SendAsync(front, answer, turn, ended);
        }
    }

    private static async Task SendAsync(Stream front, byte[] answer, SemaphoreSlim turn, CancellationToken ended)
    {
        await turn.WaitAsync(ended);
        try
        {
            await KafkaFrame.WriteAsync(front, answer, ended);
        }
        finally
        {
            turn.Release();
        }
    }
}
