using System.Globalization;
using Amazon.Runtime;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Security;

public sealed class MskTokenTests
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AwsSettings.SessionToken)]
    [InlineData(null)]
    public void A_token_is_a_signed_request_to_connect(string? sessionToken)
    {
        var credentials = new SigningCredentials(new(AwsSettings.AccessKey, AwsSettings.SecretKey, sessionToken), _now.AddHours(1));

        var token = MskToken.Sign(credentials, AwsSettings.Region, _now, MskToken.DefaultLifetime);

        var url = PresignedUrl.Of(token.Value);
        Assert.True(url.IsSignedWith(AwsSettings.SecretKey));
        Assert.False(url.IsSignedWith("another key"));
        Assert.Equal("kafka.eu-central-1.amazonaws.com", url.Host);
        Assert.Equal("kafka-cluster:Connect", url["Action"]);
        Assert.Equal("900", url["X-Amz-Expires"]);
        Assert.Equal("AKIDEXAMPLE/20260301/eu-central-1/kafka-cluster/aws4_request", url["X-Amz-Credential"]);
        Assert.Equal("host", url["X-Amz-SignedHeaders"]);
        Assert.Equal(_now, url.SignedAt);
        Assert.NotEmpty(url["User-Agent"]);
        Assert.Equal(_now.AddMinutes(15), token.ExpiresAt);
        if (sessionToken is not null)
        {
            Assert.Equal(sessionToken, url["X-Amz-Security-Token"]);
        }

        Assert.DoesNotContain(token.Value, token.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('=', token.Value);
    }

    [Fact]
    public void A_token_ends_with_the_credentials_that_signed_it()
    {
        var credentials = new SigningCredentials(new(AwsSettings.AccessKey, AwsSettings.SecretKey, AwsSettings.SessionToken), _now.AddMinutes(3));

        Assert.Equal(_now.AddMinutes(3), MskToken.Sign(credentials, AwsSettings.Region, _now, MskToken.DefaultLifetime).ExpiresAt);
        Assert.DoesNotContain(AwsSettings.SecretKey, credentials.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_kind_of_client_shows_a_new_token_before_the_last_one_expires()
    {
        using var topic = new TestTopic();
        using var authority = new TestAuthority();
        using var certificate = authority.Issue();
        await using var broker = new SecureBroker(topic.Brokers)
        {
            Certificate = certificate,
            Mechanism = "OAUTHBEARER",
            SessionLifetime = TimeSpan.FromSeconds(4),
            // A busy machine runs a client's callback late; without renewal three lives would be more than this allows all the same.
            IsToken = token => PresignedUrl.Of(token) is var url
                && DateTimeOffset.UtcNow < url.SignedAt.AddSeconds(int.Parse(url["X-Amz-Expires"], CultureInfo.InvariantCulture) + 4),
        };
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("ca.pem"), authority.Pem);
        using var clients = Clients(folder.Combine("ca.pem"), () => Task.FromResult(Credentials()), TimeSpan.FromSeconds(6));
        using var producer = clients.Factory.CreateProducer<Null>(
            ProducerProfile.Of(new KafkaOutputAttribute(broker.BootstrapServers, TestTopic.Name), broker.BootstrapServers), _ => { });
        using var consumer = clients.Factory.CreateConsumer(broker.BootstrapServers, TestTopic.Group, builder => builder
            .SetPartitionsAssignedHandler((_, partitions) => partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning))));
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        consumer.Subscribe(TestTopic.Name);

        // Three tokens' lives.
        var end = DateTime.UtcNow.AddSeconds(18);
        var read = 0;
        var sent = 0;
        while (DateTime.UtcNow < end || read < sent)
        {
            Assert.True(DateTime.UtcNow < end + _timeout, $"Only {read} of {sent} records came back. {broker.Failures}");
            if (DateTime.UtcNow < end)
            {
                await producer.ProduceAsync(TestTopic.Name, new Message<Null, byte[]> { Value = [1] }).WaitAsync(_timeout);
                sent++;
            }

            read += consumer.Consume(TimeSpan.FromMilliseconds(200)) is { IsPartitionEOF: false } ? 1 : 0;
            observer.Consume(TimeSpan.Zero);
            Assert.NotEmpty(admin.GetMetadata(TestTopic.Name, _timeout).Brokers);
        }

        Assert.True(broker.Tokens.Distinct().Count() >= 3, $"{broker.Tokens.Count} authentications with {broker.Tokens.Distinct().Count()} tokens.");
        Assert.Equal(broker.Tokens.Count, broker.Authentications);
        Assert.DoesNotContain(clients.Logs.All, line => broker.Tokens.Any(token => line.Text.Contains(token, StringComparison.Ordinal)));
        consumer.Close();
    }

    [Fact]
    public async Task Credentials_that_come_late_are_one_line_and_hold_no_client_up()
    {
        var asked = 0;
        using var clients = Clients(null, () => Interlocked.Increment(ref asked) == 1
            ? Task.FromException<SigningCredentials>(new AmazonClientException($"secret {AwsSettings.SecretKey}"))
            : Task.FromResult(Credentials()));
        var errors = new List<string>();
        using var observer = clients.Factory.CreateObserver("127.0.0.1:1", "g", error => errors.Add(error.Reason));

        await Eventually.BecomesTrueAsync(
            () =>
            {
                observer.Consume(TimeSpan.Zero);
                return Volatile.Read(ref asked) >= 2;
            },
            _timeout);

        await Eventually.BecomesTrueAsync(() => clients.Logs.Count("There are tokens for Kafka again") == 1);
        Assert.Equal(1, clients.Logs.Count("the credentials of AWS cannot be had (AmazonClientException)"));
        Assert.DoesNotContain(clients.Logs.All, line => line.Text.Contains(AwsSettings.SecretKey, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, reason => reason.Contains(AwsSettings.SecretKey, StringComparison.Ordinal));
    }

    private static SigningCredentials Credentials() => new(new(AwsSettings.AccessKey, AwsSettings.SecretKey, AwsSettings.SessionToken), null);

    private static TestClients Clients(string? ca, Func<Task<SigningCredentials>> credentials, TimeSpan? lifetime = null) => new(
        new Dictionary<string, string?>
        {
            [KafkaSecurity.ProtocolSetting] = "sasl_ssl",
            [KafkaSecurity.MechanismSetting] = "AWS_MSK_IAM",
            [KafkaSecurity.CaSetting] = ca,
            ["AWS_REGION"] = AwsSettings.Region,
        },
        clients => new MskTokens(
            AwsSettings.Region,
            credentials,
            lifetime ?? MskToken.DefaultLifetime,
            clients.Loops,
            TimeProvider.System,
            clients.Loggers.CreateLogger<MskTokens>()));
}
