using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Security;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>What is found at a broker that cannot be used, over real connections.</summary>
public sealed class BrokerProbeTests : IDisposable
{
    private const string Silent = "it takes connections and answers nothing, as one that hangs or is at its limit of connections (max.connections)";
    private const string Closing = "it takes connections and closes them, as at its limit of connections (max.connections.per.ip)";

    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public BrokerProbeTests() => File.WriteAllText(Ca, _authority.Pem);

    private string Ca => _folder.Combine("ca.pem");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_found_at_a_broker_that_answers()
    {
        using var topic = new TestTopic();
        Assert.Null(await FindAsync(topic.Brokers, "plaintext"));

        using var certificate = _authority.Issue();
        await using var secure = new SecureBroker(topic.Brokers) { Certificate = certificate };
        Assert.Null(await FindAsync(secure.BootstrapServers, "ssl"));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_and_a_name_that_nobody_has_are_told()
    {
        Assert.Equal("connection refused", await FindAsync("127.0.0.1:1", "plaintext"));
        Assert.Contains("does not resolve", await FindAsync("broker.invalid:9092", "ssl"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plaintext", false, Silent)]
    [InlineData("plaintext", true, Closing)]
    [InlineData("ssl", false, Silent)]
    [InlineData("ssl", true, Closing)]
    public async Task A_port_that_takes_connections_and_does_nothing_with_them_is_told(string protocol, bool closes, string found)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stopping = new CancellationTokenSource();
        var accepting = AcceptAsync();

        Assert.Equal(found, await FindAsync(listener.LocalEndpoint.ToString()!, protocol));

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);

        async Task AcceptAsync()
        {
            List<Socket> open = [];
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stopping.Token);
                if (closes)
                {
                    socket.Dispose();
                }
                else
                {
                    open.Add(socket);
                }
            }
        }
    }

    [Fact]
    public async Task TLS_on_one_side_alone_is_told()
    {
        using var topic = new TestTopic();
        using var certificate = _authority.Issue();
        await using var secure = new SecureBroker(topic.Brokers) { Certificate = certificate };

        Assert.Contains("it speaks TLS, and KAFKA_SECURITY_PROTOCOL has none", await FindAsync(secure.BootstrapServers, "plaintext"), StringComparison.Ordinal);
        Assert.Equal("it ends the TLS handshake, as a port without TLS does", await FindAsync(topic.Brokers, "ssl"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_certificate_is_told()
    {
        using var topic = new TestTopic();
        using var other = new TestAuthority();
        using var expired = _authority.Issue(end: TimeSpan.FromMinutes(-5));
        using var named = _authority.Issue("broker.example");
        using var foreign = other.Issue();

        Assert.StartsWith($"its certificate expired on {expired.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}", await FindWithAsync(expired), StringComparison.Ordinal);
        Assert.Equal("its certificate is for broker.example, not for 127.0.0.1", await FindWithAsync(named));
        Assert.Equal($"its certificate is signed by {foreign.Issuer}, which KAFKA_SSL_CA_LOCATION does not have", await FindWithAsync(foreign));

        async Task<string?> FindWithAsync(X509Certificate2 certificate)
        {
            await using var secure = new SecureBroker(topic.Brokers) { Certificate = certificate };
            return await FindAsync(secure.BootstrapServers, "ssl");
        }
    }

    [Theory]
    [InlineData(false, "it wants a certificate of the client, and there is none (KAFKA_SSL_CERTIFICATE_LOCATION)")]
    [InlineData(true, null)]
    public async Task A_broker_that_wants_a_certificate_of_the_client_is_told(bool hasOne, string? found)
    {
        using var certificate = _authority.Issue();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync();

        Assert.Equal(found, await FindAsync(listener.LocalEndpoint.ToString()!, "ssl", hasOne));
        await serving;

        async Task ServeAsync()
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            }));
        }
    }

    private async Task<string?> FindAsync(string broker, string protocol, bool hasClientCertificate = false)
    {
        List<KeyValuePair<string, string?>> settings = [new("KAFKA_SECURITY_PROTOCOL", protocol)];
        if (protocol == "ssl")
        {
            settings.Add(new("KAFKA_SSL_CA_LOCATION", Ca));
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var notices = new StartupNotices();
        var security = KafkaSecurity.Read(new SettingReader(configuration, notices), configuration, notices);
        Assert.Null(security.Problem);
        var address = Assert.Single(BrokerAddress.Parse(broker));
        return await new BrokerProbe(security, hasClientCertificate).FindProblemAsync(address.Host, address.Port, CancellationToken.None);
    }
}
