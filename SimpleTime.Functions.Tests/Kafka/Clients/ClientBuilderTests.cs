using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>What becomes of a client when librdkafka refuses a raw property that secures it.</summary>
public sealed class ClientBuilderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;

    public ClientBuilderTests()
    {
        _certificate = _authority.Issue();
        File.WriteAllText(_folder.Combine("ca"), _authority.Pem);
        File.WriteAllText(_folder.Combine("certificate"), _certificate.ExportCertificatePem());
        File.WriteAllBytes(_folder.Combine("keystore"), _certificate.Export(X509ContentType.Pkcs12, "geheim"));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ssl.keystore.location", "ssl.keystore.location=@nothing ssl.keystore.password=geheim")]
    [InlineData("ssl.keystore.location", "ssl.keystore.location=@nothing linger.ms=soon")]
    [InlineData("ssl.keystore.location", "ssl.keystore.location=@keystore ssl.keystore.password=geheim-2")]
    [InlineData("ssl.crl.location", "ssl.crl.location=@nothing")]
    [InlineData("ssl.cipher.suites", "ssl.cipher.suites=no-such-suite")]
    [InlineData("ssl.certifcate.location", "ssl.certifcate.location=@certificate")]
    [InlineData("Ssl.Crl.Location", "Ssl.Crl.Location=@ca")]
    [InlineData("ssl_certificate", "ssl_certificate=1")]
    [InlineData("security.protocoll", "security.protocoll=ssl")]
    [InlineData("sasl.pasword", "sasl.pasword=geheim")]
    public void No_client_connects_without_a_property_of_its_security_and_one_line_names_it(string property, string properties)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var clients = Clients(properties);
        var brokers = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        using var observer = clients.Factory.CreateObserver(brokers, "g", _ => { });
        using var consumer = clients.Factory.CreateConsumer(brokers, "g", _ => { });
        using var producer = clients.Factory.CreateProducer<Null>(ProducerProfile.Of(new KafkaOutputAttribute(brokers, TestTopic.Name), brokers), _ => { });

        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        Assert.Throws<KafkaException>(() => admin.GetMetadata(TestTopic.Name, TimeSpan.FromMilliseconds(500)));
        Assert.False(listener.Pending());
        Assert.Contains($"the property {property} of", clients.Factory.SecurityProblem, StringComparison.Ordinal);
        var line = Assert.Single(clients.Logs.All, line => line.Level == LogLevel.Error);
        Assert.Contains($"the property {property} of", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(clients.Logs.All, line => line.Text.Contains("geheim", StringComparison.Ordinal));
    }

    [Fact]
    public void The_next_client_connects_when_the_property_is_right()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var clients = Clients("ssl.keystore.location=@later ssl.keystore.password=geheim");
        var brokers = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var first = clients.Factory.CreateObserver(brokers, "g", _ => { });
        Assert.NotNull(clients.Factory.SecurityProblem);

        File.Copy(_folder.Combine("keystore"), _folder.Combine("later"));
        using var second = clients.Factory.CreateObserver(brokers, "g", _ => { });

        Assert.Null(clients.Factory.SecurityProblem);
        using var admin = new DependentAdminClientBuilder(second.Handle).Build();
        Assert.Throws<KafkaException>(() => admin.GetMetadata(TestTopic.Name, TimeSpan.FromMilliseconds(500)));
        Assert.True(listener.Pending());
    }

    // "@name" is a file of the test's folder.
    private TestClients Clients(string properties)
    {
        var settings = properties.Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(
            pair => TestWorker.KafkaSetting($"librdkafka:{pair[0]}"),
            pair => (string?)(pair[1].StartsWith('@') ? _folder.Combine(pair[1][1..]) : pair[1]));
        settings[KafkaSecurity.ProtocolSetting] = "ssl";
        settings[KafkaSecurity.CaSetting] = _folder.Combine("ca");
        return new TestClients(settings);
    }
}
