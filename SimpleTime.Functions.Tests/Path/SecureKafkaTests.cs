using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SimpleTime.Functions.Tests.Kafka.Security;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>The service and a cluster that wants TLS and SASL.</summary>
public sealed class SecureKafkaTests : IDisposable
{
    private const string User = "simple-time";
    private const string Password = "pass-word=0815,\"x\" ";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;

    public SecureKafkaTests()
    {
        _certificate = _authority.Issue();
        File.WriteAllText(_folder.Combine("ca.pem"), _authority.Pem);
        File.WriteAllText(_folder.Combine("password"), Password + "\n");
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [Trait("Category", "Smoke")]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Requests_become_rows_over_TLS_with_a_password(string mechanism)
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var secure = Secure(broker, mechanism);
        await using var service = await ServiceProcess.StartAsync(Loud(Settings(secure, mechanism)));

        await BecomesUpAndStoresAsync(service, secure);
        await KeepsSecretAsync(service, Password.Trim());
    }

    [Fact]
    public async Task Requests_become_rows_over_TLS_alone_and_with_SASL_alone()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var tls = new SecureBroker(broker.BootstrapServers) { Certificate = _certificate };
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            tls.BootstrapServers, ("KAFKA_SECURITY_PROTOCOL", "Ssl"), ("KAFKA_SSL_CA_LOCATION", _folder.Combine("ca.pem"))));
        await BecomesUpAndStoresAsync(service, tls);

        await using var sasl = new SecureBroker(broker.BootstrapServers) { Mechanism = "SCRAM-SHA-256", Username = User, Password = Password };
        await using var other = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            sasl.BootstrapServers,
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_MECHANISM", "scram-sha-256"),
            ("KAFKA_SASL_USERNAME", User),
            ("KAFKA_SASL_PASSWORD", Password),
            ("KAFKA_CONSUMER_GROUP", "another")));
        // Another group, which reads what the first service sent too.
        await BecomesUpAndStoresAsync(other, sasl, requests: 6);
    }

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task Requests_become_rows_with_the_credentials_of_AWS()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var secure = new SecureBroker(broker.BootstrapServers)
        {
            Certificate = _certificate,
            Mechanism = "OAUTHBEARER",
            IsToken = token => PresignedUrl.Of(token).IsSignedWith(AwsSettings.SecretKey),
        };
        var settings = Settings(secure, "AWS_MSK_IAM");
        settings.Remove("KAFKA_SASL_USERNAME");
        settings.Remove("KAFKA_SASL_PASSWORD_FILE");
        AwsSettings.AddTo(settings);
        await using var service = await ServiceProcess.StartAsync(Loud(settings));

        await BecomesUpAndStoresAsync(service, secure);
        await KeepsSecretAsync(service, AwsSettings.SecretKey);
        await KeepsSecretAsync(service, secure.Tokens.First());
        await KeepsSecretAsync(service, AwsSettings.SessionToken);
    }

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task Requests_become_rows_with_tokens_of_an_OpenID_Connect_provider_also_when_the_clients_secret_changes()
    {
        const string Second = "another-pass-word";
        await using var provider = await TokenEndpoint.StartAsync(User, Password.Trim(), TimeSpan.FromMinutes(5));
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var secure = new SecureBroker(broker.BootstrapServers)
        {
            Certificate = _certificate,
            Mechanism = "OAUTHBEARER",
            IsToken = token => provider.Tokens.GetValueOrDefault(token) == "events",
        };
        var settings = Settings(secure, "OAUTHBEARER");
        settings["KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"] = provider.Url;
        settings["KAFKA_SASL_OAUTHBEARER_SCOPE"] = "events";
        settings["AzureFunctionsJobHost__extensions__kafka__sessionTimeoutMs"] = "3000";
        await File.WriteAllTextAsync(_folder.Combine("password"), Password.Trim());
        await using var service = await ServiceProcess.StartAsync(Loud(settings));
        await BecomesUpAndStoresAsync(service, secure);

        provider.Secret = Second;
        var before = provider.Tokens.Count;
        await File.WriteAllTextAsync(_folder.Combine("password"), Second);

        // The monitor, the producer and the consumer each get another token.
        await Eventually.BecomesTrueAsync(() => provider.Tokens.Count >= before + 3, _patience);
        await BecomesUpAndStoresAsync(service, secure, requests: 6);
        await service.LogsOnceAsync("there is a new password");
        await KeepsSecretAsync(service, Password.Trim());
        await KeepsSecretAsync(service, Second);
        await KeepsSecretAsync(service, provider.Tokens.Keys.First());
    }

    [Fact]
    public async Task A_wrong_password_is_one_line_without_it_and_events_wait()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var secure = Secure(broker, "SCRAM-SHA-512");
        var settings = Settings(secure, "SCRAM-SHA-512");
        settings.Remove("KAFKA_SASL_PASSWORD_FILE");
        settings["KAFKA_SASL_PASSWORD"] = "not-the-password";
        await using var service = await ServiceProcess.StartAsync(settings);

        await StaysNotUpAsync(service);
        await service.LogsOnceAsync("uthentication failed");
        await KeepsSecretAsync(service, "not-the-password");
        Assert.Equal(0, secure.Authentications);
    }

    /// <summary>As Kubernetes changes a Secret's file: by another target of a link.</summary>
    [Fact]
    public async Task A_new_password_in_the_file_is_used_without_a_restart()
    {
        const string Second = "another-pass-word";
        Directory.CreateDirectory(_folder.Combine("1"));
        Directory.CreateDirectory(_folder.Combine("2"));
        await File.WriteAllTextAsync(_folder.Combine("1/password"), Password);
        await File.WriteAllTextAsync(_folder.Combine("2/password"), Second);
        File.CreateSymbolicLink(_folder.Combine("linked"), "1/password");
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var secure = new SecureBroker(broker.BootstrapServers)
        {
            Certificate = _certificate,
            Mechanism = "SCRAM-SHA-512",
            Username = User,
            Password = Password,
            SessionLifetime = TimeSpan.FromSeconds(2),
        };
        var settings = Settings(secure, "SCRAM-SHA-512");
        settings["KAFKA_SASL_PASSWORD_FILE"] = _folder.Combine("linked");
        await using var service = await ServiceProcess.StartAsync(Loud(settings));
        await BecomesUpAndStoresAsync(service, secure);

        secure.Password = Second;
        await service.BecomesNotUpAsync();
        await service.GetTimesAsync(3);
        File.CreateSymbolicLink(_folder.Combine("new"), "2/password");
        File.Move(_folder.Combine("new"), _folder.Combine("linked"), overwrite: true);

        await service.BecomesUpAsync();
        await BecomesUpAndStoresAsync(service, secure, requests: 9);
        await service.LogsOnceAsync("there is a new password");
        await KeepsSecretAsync(service, Password.Trim());
        await KeepsSecretAsync(service, Second);
    }

    [Fact]
    public async Task Without_the_certificate_it_should_show_the_service_connects_to_nobody_until_it_is_there()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var tls = new SecureBroker(broker.BootstrapServers) { Certificate = _certificate, TakesClient = (shown, _) => shown.Subject == $"CN={User}" };
        using var client = _authority.Issue(subject: User);
        using var key = client.GetECDsaPrivateKey();
        await File.WriteAllTextAsync(_folder.Combine("key.pem"), key!.ExportPkcs8PrivateKeyPem());
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            tls.BootstrapServers,
            ("KAFKA_SECURITY_PROTOCOL", "ssl"),
            ("KAFKA_SSL_CA_LOCATION", _folder.Combine("ca.pem")),
            ("KAFKA_SSL_CERTIFICATE_LOCATION", _folder.Combine("client.pem")),
            ("KAFKA_SSL_KEY_LOCATION", _folder.Combine("key.pem"))));

        await StaysNotUpAsync(service);
        await service.LogsOnceAsync("Kafka is NOT UP until that is put right.");
        var reason = (await service.GetJsonAsync("/kafka/status")).GetProperty("reason").GetString();
        Assert.Contains("The file of the setting KAFKA_SSL_CERTIFICATE_LOCATION, ", reason, StringComparison.Ordinal);
        Assert.Empty(await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic));

        await File.WriteAllTextAsync(_folder.Combine("client.pem"), client.ExportCertificatePem());

        await Eventually.BecomesTrueAsync(service.IsUpAsync, _patience);
        await Eventually.EqualsAsync(2, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath), _patience);
        await service.LogsOnceAsync("KAFKA_SSL_CERTIFICATE_LOCATION was read again: there is a new certificate");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_with_the_certificate_of_another_authority_or_of_another_host_gets_nothing(bool isOtherAuthority)
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        using var others = new TestAuthority();
        using var certificate = isOtherAuthority ? others.Issue() : _authority.Issue("example.org");
        await using var secure = new SecureBroker(broker.BootstrapServers)
        {
            Certificate = certificate,
            Mechanism = "PLAIN",
            Username = User,
            Password = Password,
        };
        await using var service = await ServiceProcess.StartAsync(Settings(secure, "PLAIN"));

        await StaysNotUpAsync(service);
        await service.LogsOnceAsync("certificate");
        Assert.Equal(0, secure.Authentications);
    }

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task Half_a_configuration_is_one_line_at_start_and_events_wait()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 2);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            broker.BootstrapServers, ("KAFKA_SASL_USERNAME", User), ("KAFKA_SASL_PASSWORD", Password)));

        await StaysNotUpAsync(service);
        await service.LogsOnceAsync("Kafka is NOT UP until that is put right");
        await KeepsSecretAsync(service, Password.Trim());
        Assert.Empty(await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic));
    }

    private SecureBroker Secure(BrokerProcess broker, string mechanism) => new(broker.BootstrapServers)
    {
        Certificate = _certificate,
        Mechanism = mechanism,
        Username = User,
        Password = Password,
    };

    private Dictionary<string, string?> Settings(SecureBroker broker, string mechanism) => ServiceCalls.Settings(
        broker.BootstrapServers,
        ("KAFKA_SECURITY_PROTOCOL", "sasl_ssl"),
        ("KAFKA_SASL_MECHANISM", mechanism),
        ("KAFKA_SASL_USERNAME", User),
        ("KAFKA_SASL_PASSWORD_FILE", _folder.Combine("password")),
        ("KAFKA_SSL_CA_LOCATION", _folder.Combine("ca.pem")));

    /// <summary>As much as the client can be made to say.</summary>
    private static Dictionary<string, string?> Loud(Dictionary<string, string?> settings)
    {
        settings["AzureFunctionsJobHost__extensions__kafka__libkafkaDebug"] = "security,broker,conf,protocol";
        settings["Logging__LogLevel__SimpleTime.Functions.Worker.Kafka.Clients"] = "Debug";
        return settings;
    }

    private static async Task BecomesUpAndStoresAsync(ServiceProcess service, SecureBroker broker, long requests = 3)
    {
        try
        {
            await Eventually.BecomesTrueAsync(service.IsUpAsync, _patience);
            await service.GetTimesAsync(3);
            await Eventually.EqualsAsync(requests, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath), _patience);
            await Eventually.EqualsAsync("0", async () => (await service.GetJsonAsync("/kafka/status")).GetProperty("lag").ToString(), _patience);
        }
        catch (Exception e)
        {
            Assert.Fail($"{e.Message}\nThe broker: {broker.Failures}\nThe service: {string.Join('\n', service.Output.TakeLast(60))}");
        }
    }

    private static async Task StaysNotUpAsync(ServiceProcess service)
    {
        await Eventually.BecomesTrueAsync(
            () => service.Output.Any(line => line.Contains("Kafka is NOT UP:", StringComparison.Ordinal)), _patience);
        await service.GetTimesAsync(2);
        Assert.False(await service.IsUpAsync());
        Assert.Equal(4, await service.PendingAsync());
    }

    private static async Task KeepsSecretAsync(ServiceProcess service, string secret)
    {
        foreach (var path in (string[])["/kafka/status", "/metrics", "/"])
        {
            using var response = await service.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.DoesNotContain(secret, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=');
        Assert.DoesNotContain(service.Output, line => line.Contains(secret, StringComparison.Ordinal) || line.Contains(base64, StringComparison.Ordinal));
    }
}
