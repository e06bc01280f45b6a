using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Security;

/// <summary>Clients that show a certificate, which may be renewed while they live.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly TempFolder _folder = new();
    private readonly TestTopic _topic = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _broker;
    private readonly ConcurrentQueue<(string Subject, int Chain)> _shown = new();

    public ClientCertificateTests()
    {
        _broker = _authority.Issue();
        File.WriteAllText(_folder.Combine("ca"), _authority.Pem);
    }

    public void Dispose()
    {
        _broker.Dispose();
        _authority.Dispose();
        _topic.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_shows_its_certificate_with_those_of_its_authorities(bool isEncrypted)
    {
        Write("first", isEncrypted);
        await using var broker = Broker();
        using var clients = Clients(isEncrypted);
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });

        Assert.True(IsAnswered(observer), broker.Failures);

        Assert.All(_shown, shown => Assert.Equal(("CN=first", 2), shown));
    }

    [Fact]
    public async Task Every_kind_of_client_is_replaced_when_its_certificate_is_renewed()
    {
        Write("first");
        await using var broker = Broker();
        using var clients = Clients();
        var told = new ConcurrentDictionary<string, Error>();
        using var producer = clients.Factory.CreateProducer<Null>(
            ProducerProfile.Of(new KafkaOutputAttribute(broker.BootstrapServers, TestTopic.Name), broker.BootstrapServers), error => Tell("producer", error));
        using var consumer = clients.Factory.CreateConsumer(broker.BootstrapServers, TestTopic.Group, _ => { }, error => Tell("consumer", error));
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", error => Tell("observer", error));
        Assert.True(IsAnswered(observer), broker.Failures);

        // The key comes last: until then the two do not belong together, and the last ones stay.
        using var second = _authority.Issue(subject: "second");
        Replace("certificate", Chain(second));
        await Eventually.EqualsAsync(1, () => clients.Logs.Count("has another key than that of the certificate"), _timeout);
        using (var between = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { }))
        {
            Assert.True(IsAnswered(between), broker.Failures);
        }

        Assert.Empty(told);
        Assert.DoesNotContain(_shown, shown => shown.Subject == "CN=second");
        using var key = second.GetECDsaPrivateKey()!;
        Replace("key", key.ExportPkcs8PrivateKeyPem());

        await Eventually.EqualsAsync(3, () => told.Count, _timeout);
        Assert.All(told.Values, error => Assert.Equal("it was made with other credentials than there are now", error.Reason));
        Assert.Equal(1, clients.Logs.Count("KAFKA_SSL_CERTIFICATE_LOCATION was read again: there is a new certificate."));
        using var next = clients.Factory.CreateObserver(broker.BootstrapServers, "g", error => Tell("next", error));
        Assert.True(IsAnswered(next), broker.Failures);
        Assert.Equal("CN=second", _shown.Last().Subject);
        Assert.False(told.ContainsKey("next"));

        void Tell(string client, Error error)
        {
            if (error.IsFatal)
            {
                told[client] = error;
            }
        }
    }

    private static bool IsAnswered(IClient client)
    {
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        return admin.GetMetadata(TestTopic.Name, _timeout).Brokers.Count > 0;
    }

    private SecureBroker Broker() => new(_topic.Brokers)
    {
        Certificate = _broker,
        TakesClient = (client, others) =>
        {
            _shown.Enqueue((client.Subject, others.Count + 1));
            return true;
        },
    };

    private TestClients Clients(bool isEncrypted = false) => new(new Dictionary<string, string?>
    {
        [KafkaSecurity.ProtocolSetting] = "ssl",
        [KafkaSecurity.CaSetting] = _folder.Combine("ca"),
        [KafkaSecurity.CertificateSetting] = _folder.Combine("certificate"),
        [KafkaSecurity.KeySetting] = _folder.Combine("key"),
        [KafkaSecurity.KeyPasswordFileSetting] = isEncrypted ? _folder.Combine("password") : null,
    });

    private void Write(string subject, bool isEncrypted = false)
    {
        using var certificate = _authority.Issue(subject: subject);
        using var key = certificate.GetECDsaPrivateKey()!;
        Replace("certificate", Chain(certificate));
        Replace("key", isEncrypted
            ? key.ExportEncryptedPkcs8PrivateKeyPem(" geheim", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048))
            : key.ExportPkcs8PrivateKeyPem());
        Replace("password", " geheim\n");
    }

    private string Chain(X509Certificate2 certificate) => $"Subject: of a client\n{certificate.ExportCertificatePem()}\n{_authority.Pem}\n";

    private void Replace(string name, string content)
    {
        File.WriteAllText(_folder.Combine("new"), content);
        File.Move(_folder.Combine("new"), _folder.Combine(name), overwrite: true);
    }
}
