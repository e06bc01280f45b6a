using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Security;

public sealed class KafkaSecurityTests : IDisposable
{
    private const string Secret = "geheim";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "tls=disable sasl=none")]
    [InlineData("PROTOCOL=plaintext", "tls=disable sasl=none")]
    [InlineData("PROTOCOL=SSL", "tls=enable sasl=none")]
    [InlineData("PROTOCOL=ssl CA=@ca", "tls=enable sasl=none auth:ca=@ca")]
    [InlineData("PROTOCOL=sasl_plaintext MECHANISM=PLAIN USER=u PASSWORD=geheim", "tls=disable sasl=plaintext auth:username=u auth:password=geheim")]
    [InlineData("PROTOCOL=SASL_SSL MECHANISM=plain USER=u PASSWORD=geheim", "tls=enable sasl=plaintext auth:username=u auth:password=geheim")]
    [InlineData("PROTOCOL=SaslSsl MECHANISM=ScramSha256 USER=u PASSWORD=geheim", "tls=enable sasl=scram_sha256 auth:username=u auth:password=geheim")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=SCRAM-SHA-256 USER=u FILE=@password CA=@ca", "tls=enable sasl=scram_sha256 auth:username=u auth:password=geheim auth:ca=@ca")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=SCRAM-SHA-512 USER=u FILE=@password", "tls=enable sasl=scram_sha512 auth:username=u auth:password=geheim")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM AWS=eu-west-1", "tls=enable sasl=oauthbearer saslTokenProvider=aws_msk_iam awsRegion=eu-west-1")]
    [InlineData(
        "PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM AWS=eu-west-1 BROKERS=b-1.x.abc.c2.kafka.us-east-2.amazonaws.com:9098",
        "tls=enable sasl=oauthbearer saslTokenProvider=aws_msk_iam awsRegion=us-east-2")]
    [InlineData(
        "PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM BROKERS=b-1.x.abc.c2.kafka.us-east-2.amazonaws.com:9098",
        "tls=enable sasl=oauthbearer saslTokenProvider=aws_msk_iam awsRegion=us-east-2")]
    [InlineData("PROTOCOL=ssl CA=@ca CERT=@cert KEY=@key", "tls=enable sasl=none auth:ca=@ca auth:cert=@cert auth:key=@key")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@encrypted KEYPASS=@password", "tls=enable sasl=none auth:cert=@cert auth:key=@key")]
    [InlineData("PROTOCOL=ssl CERT=@both KEY=@both", "tls=enable sasl=none auth:cert=@cert auth:key=@key")]
    [InlineData(
        "PROTOCOL=sasl_ssl MECHANISM=SCRAM-SHA-512 USER=u PASSWORD=geheim CERT=@cert KEY=@key",
        "tls=enable sasl=scram_sha512 auth:username=u auth:password=geheim auth:cert=@cert auth:key=@key")]
    [InlineData(
        "PROTOCOL=sasl_ssl MECHANISM=OauthBearer USER=u FILE=@password URL=https://idp.example/token SCOPE=kafka",
        "tls=enable sasl=oauthbearer auth:username=u auth:password=geheim auth:oauthTokenEndpointUri=https://idp.example/token auth:scopes=kafka")]
    public void The_settings_mean_the_same_to_the_service_and_to_KEDA(string settings, string keda)
    {
        using var clients = new TestClients(Settings(settings));

        string Content(string text) => text.Split('@') is [var name, var file] ? name + File.ReadAllText(_folder.Combine(file)) : text;
        Assert.Equal(keda.Split(' ').Select(Content), KedaTrigger.Of(clients.Security));
        using var client = clients.Factory.CreateObserver("127.0.0.1:1", "g", _ => { });
        Assert.DoesNotContain(clients.Logs.All, line => line.Text.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PROTOCOL=tls", "KAFKA_SECURITY_PROTOCOL is \"tls\"")]
    [InlineData("MECHANISM=PLAIN", "KAFKA_SASL_MECHANISM needs KAFKA_SECURITY_PROTOCOL")]
    [InlineData("PROTOCOL=ssl PASSWORD=geheim", "KAFKA_SASL_PASSWORD needs KAFKA_SECURITY_PROTOCOL")]
    [InlineData("PROTOCOL=ssl FILE=@password", "KAFKA_SASL_PASSWORD_FILE needs KAFKA_SECURITY_PROTOCOL")]
    [InlineData("PROTOCOL=sasl_ssl", "KAFKA_SASL_MECHANISM is missing")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=GSSAPI", "KAFKA_SASL_MECHANISM is \"GSSAPI\"")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN PASSWORD=geheim", "KAFKA_SASL_USERNAME is missing")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u", "KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE is missing")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u PASSWORD=geheim FILE=@password", "KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE are both there")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u FILE=@nothing", "KAFKA_SASL_PASSWORD_FILE, ")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u FILE=@empty", "is empty")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u FILE=@large", "more than 4096 bytes")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u FILE=@binary", "is not UTF-8")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u FILE=@blank", "begins with a blank")]
    [InlineData("PROTOCOL=ssl CA=@nothing", "KAFKA_SSL_CA_LOCATION, ")]
    [InlineData("PROTOCOL=ssl CA=@password", "has no certificate in PEM format")]
    [InlineData("PROTOCOL=plaintext CA=@ca", "KAFKA_SSL_CA_LOCATION needs KAFKA_SECURITY_PROTOCOL")]
    [InlineData("PROTOCOL=sasl_plaintext MECHANISM=AWS_MSK_IAM AWS=eu-west-1", "KAFKA_SECURITY_PROTOCOL must be sasl_ssl")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM USER=u AWS=eu-west-1", "KAFKA_SASL_USERNAME does not go with")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM BROKERS=kafka:9098", "AWS_REGION is missing")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=AWS_MSK_IAM AWS=example.org/", "AWS_REGION is \"example.org/\"")]
    [InlineData("PROTOCOL=ssl CERT=@cert", "KAFKA_SSL_CERTIFICATE_LOCATION needs KAFKA_SSL_KEY_LOCATION beside it")]
    [InlineData("PROTOCOL=ssl KEY=@key", "KAFKA_SSL_KEY_LOCATION needs KAFKA_SSL_CERTIFICATE_LOCATION beside it")]
    [InlineData("PROTOCOL=ssl KEYPASS=@password", "KAFKA_SSL_KEY_PASSWORD_FILE needs KAFKA_SSL_CERTIFICATE_LOCATION beside it")]
    [InlineData("PROTOCOL=plaintext CERT=@cert KEY=@key", "KAFKA_SSL_CERTIFICATE_LOCATION needs KAFKA_SECURITY_PROTOCOL to be ssl or sasl_ssl")]
    [InlineData("PROTOCOL=ssl CERT=@nothing KEY=@key", "nothing, cannot be read: ")]
    [InlineData("PROTOCOL=ssl CERT=@password KEY=@key", "password, has no certificate in PEM format")]
    [InlineData("PROTOCOL=ssl CERT=@damaged KEY=@key", "damaged, has a certificate that cannot be read: ")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@nothing", "KAFKA_SSL_KEY_LOCATION, ")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@password", "password, has no private key in PEM format")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@other", "other, has another key than that of the certificate in ")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@rsa", "rsa, has a key that cannot be read as one of the certificate's kind")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@old", "old, is encrypted, but not as PKCS #8")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@encrypted", "encrypted, is encrypted, and KAFKA_SSL_KEY_PASSWORD_FILE is missing")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@encrypted KEYPASS=@blank", "encrypted, is not opened by the password of KAFKA_SSL_KEY_PASSWORD_FILE")]
    [InlineData("PROTOCOL=ssl CERT=@cert KEY=@encrypted KEYPASS=@nothing", "KAFKA_SSL_KEY_PASSWORD_FILE, ")]
    [InlineData("PROTOCOL=sasl_plaintext MECHANISM=OAUTHBEARER USER=u PASSWORD=geheim URL=https://x/", "KAFKA_SECURITY_PROTOCOL must be sasl_ssl")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=OAUTHBEARER USER=u PASSWORD=geheim", "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is missing")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=OAUTHBEARER USER=u PASSWORD=geheim URL=file:///token", "must be an address that begins with https://")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=OAUTHBEARER PASSWORD=geheim URL=https://x/", "KAFKA_SASL_USERNAME is missing: KAFKA_SASL_MECHANISM OAUTHBEARER")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u PASSWORD=geheim URL=https://x/", "TOKEN_ENDPOINT_URL does not go with KAFKA_SASL_MECHANISM PLAIN")]
    [InlineData("PROTOCOL=ssl SCOPE=kafka", "KAFKA_SASL_OAUTHBEARER_SCOPE needs KAFKA_SECURITY_PROTOCOL")]
    [InlineData("PROTOCOL=ssl BROKERS=Embedded", "KAFKA_SECURITY_PROTOCOL must be plaintext")]
    public void What_does_not_fit_together_is_one_line_that_names_the_setting_and_no_client_connects(string settings, string expected)
    {
        using var clients = new TestClients(Settings(settings));

        var line = Assert.Single(clients.Notices.Lines);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
        AssertNobodyIsReached(clients);
    }

    [Theory]
    [InlineData("bootstrap.servers", "example.org:9092", "KAFKA_BROKERS")]
    [InlineData("security.protocol", "plaintext", "KAFKA_SECURITY_PROTOCOL")]
    [InlineData("sasl.password", Secret, "KAFKA_SASL_PASSWORD")]
    [InlineData("ssl.ca.location", "/etc/ssl", "KAFKA_SSL_CA_LOCATION")]
    [InlineData("enable.ssl.certificate.verification", "false", "always verified")]
    [InlineData("ssl.endpoint.identification.algorithm", "none", "always verified")]
    [InlineData("sasl.kerberos.service.name", "kafka", "KAFKA_SASL_MECHANISM has no such mechanism")]
    [InlineData("sasl.oauthbearer.scope", "a", "KAFKA_SASL_OAUTHBEARER_SCOPE")]
    [InlineData("sasl.oauthbearer.client.credentials.client.secret", Secret, "KAFKA_SASL_PASSWORD")]
    [InlineData("sasl.oauthbearer.assertion.file", "a", "KAFKA_SASL_MECHANISM has no such mechanism")]
    [InlineData("ssl.certificate.location", "client.pem", "KAFKA_SSL_CERTIFICATE_LOCATION")]
    [InlineData("ssl.key.pem", Secret, "KAFKA_SSL_KEY_LOCATION")]
    [InlineData("ssl.key.password", Secret, "KAFKA_SSL_KEY_PASSWORD_FILE")]
    [InlineData("ssl.engine.location", "/usr/lib/engine.so", "code")]
    public void Raw_properties_cannot_loosen_the_security(string property, string value, string expected)
    {
        var settings = Settings("PROTOCOL=ssl");
        settings[TestWorker.KafkaSetting($"librdkafka:{property}")] = value;
        using var clients = new TestClients(settings);

        var line = Assert.Single(clients.Notices.Lines);
        Assert.Contains($"librdkafka:{property} is not taken", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
        AssertNobodyIsReached(clients);
    }

    [Theory]
    [InlineData("PROTOCOL=ssl", "ssl.keystore.location", "", "has no value")]
    [InlineData("PROTOCOL=ssl", "ssl:keystore:location", "client.p12", "librdkafka:ssl has no value")]
    [InlineData("PROTOCOL=ssl", "https.ca.location", "ca.pem", "needs KAFKA_SASL_MECHANISM to be OAUTHBEARER")]
    [InlineData("PROTOCOL=sasl_ssl MECHANISM=PLAIN USER=u PASSWORD=geheim", "sasl.oauthbearer.extensions", "a=b", "needs KAFKA_SASL_MECHANISM to be OAUTHBEARER")]
    [InlineData("PROTOCOL=plaintext", "ssl.crl.location", "revoked.pem", "needs KAFKA_SECURITY_PROTOCOL to be ssl or sasl_ssl")]
    [InlineData("PROTOCOL=sasl_plaintext MECHANISM=SCRAM-SHA-512 USER=u PASSWORD=geheim", "ssl.cipher.suites", "DEFAULT", "needs KAFKA_SECURITY_PROTOCOL")]
    public void A_raw_property_of_security_that_would_have_no_effect_is_one_line_and_no_client_connects(
        string settings, string property, string value, string expected)
    {
        var all = Settings(settings);
        all[TestWorker.KafkaSetting($"librdkafka:{property}")] = value;
        using var clients = new TestClients(all);

        var line = Assert.Single(clients.Notices.Lines);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
        AssertNobodyIsReached(clients);
    }

    [Fact]
    public void A_raw_address_is_not_where_clients_connect()
    {
        using var topic = new TestTopic();
        using var clients = new TestClients(("librdkafka:bootstrap.servers", topic.Brokers));

        AssertNobodyIsReached(clients);
    }

    [Fact]
    public void A_password_in_the_open_is_pointed_out()
    {
        using var clients = new TestClients(Settings("PROTOCOL=sasl_plaintext MECHANISM=PLAIN USER=u PASSWORD=geheim"));

        Assert.Contains("PLAIN without TLS", Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
        Assert.Null(clients.Security.Problem);
    }

    [Fact]
    public void A_token_endpoint_in_the_open_is_pointed_out()
    {
        using var clients = new TestClients(Settings("PROTOCOL=sasl_ssl MECHANISM=OAUTHBEARER USER=u PASSWORD=geheim URL=http://127.0.0.1:1/token"));

        Assert.Contains("TOKEN_ENDPOINT_URL is without TLS", Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
        Assert.Null(clients.Security.Problem);
    }

    private static void AssertNobodyIsReached(TestClients clients)
    {
        using var topic = new TestTopic();
        using var observer = clients.Factory.CreateObserver(topic.Brokers, "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        Assert.Throws<KafkaException>(() => admin.GetMetadata(TestTopic.Name, TimeSpan.FromMilliseconds(500)));
    }

    // "@name" is a file of the test's folder.
    private Dictionary<string, string?> Settings(string text)
    {
        using var authority = new TestAuthority();
        File.WriteAllText(_folder.Combine("ca"), authority.Pem);
        using var certificate = authority.Issue();
        using var key = certificate.GetECDsaPrivateKey()!;
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create();
        File.WriteAllText(_folder.Combine("cert"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.Combine("key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder.Combine("both"), $"{key.ExportECPrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
        File.WriteAllText(_folder.Combine("encrypted"), key.ExportEncryptedPkcs8PrivateKeyPem(Secret, new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048)));
        File.WriteAllText(_folder.Combine("other"), other.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder.Combine("rsa"), rsa.ExportRSAPrivateKeyPem());
        File.WriteAllText(_folder.Combine("old"), "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n");
        File.WriteAllText(_folder.Combine("damaged"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        File.WriteAllText(_folder.Combine("password"), $"{Secret}\n");
        File.WriteAllText(_folder.Combine("empty"), "\n");
        File.WriteAllText(_folder.Combine("blank"), " geheim");
        File.WriteAllText(_folder.Combine("large"), new string('a', 5_000));
        File.WriteAllBytes(_folder.Combine("binary"), [0xff, 0xfe, 0x00]);
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(
            pair => pair[0] switch
            {
                "PROTOCOL" => KafkaSecurity.ProtocolSetting,
                "MECHANISM" => KafkaSecurity.MechanismSetting,
                "USER" => KafkaSecurity.UsernameSetting,
                "PASSWORD" => KafkaSecurity.PasswordSetting,
                "FILE" => KafkaSecurity.PasswordFileSetting,
                "CA" => KafkaSecurity.CaSetting,
                "CERT" => KafkaSecurity.CertificateSetting,
                "KEY" => KafkaSecurity.KeySetting,
                "KEYPASS" => KafkaSecurity.KeyPasswordFileSetting,
                "URL" => KafkaSecurity.TokenEndpointSetting,
                "SCOPE" => KafkaSecurity.ScopeSetting,
                "AWS" => "AWS_REGION",
                _ => "KAFKA_BROKERS",
            },
            pair => (string?)(pair[1].StartsWith('@') ? _folder.Combine(pair[1][1..]) : pair[1]));
    }
}
