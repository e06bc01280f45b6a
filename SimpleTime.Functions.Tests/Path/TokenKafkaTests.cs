using Confluent.Kafka.Admin;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>The service and Apache Kafka, which checks the tokens of an OpenID Connect provider for itself.</summary>
public sealed class TokenKafkaTests
{
    private const string User = "simple-time";
    private const string Secret = "pass-word=0815,\"x\"";

    [KafkaFact]
    public async Task Apache_Kafka_takes_the_tokens_of_an_OpenID_Connect_provider()
    {
        await using var provider = await TokenEndpoint.StartAsync(User, Secret, TimeSpan.FromMinutes(5));
        await using var cluster = await KafkaCluster.StartAsync(new KafkaClusterOptions { HasTls = true, HasAuthorizer = true, TokenKeys = provider.Keys });
        await cluster.Admin.CreateTopicAsync(ServiceCalls.Topic, 2);
        await cluster.Admin.AllowAsync(User, ResourceType.Topic, ServiceCalls.Topic);
        await cluster.Admin.AllowAsync(User, ResourceType.Group, "simple-time-group");
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            cluster.SecureBootstrapServers,
            [
                .. cluster.SecuritySettings(),
                ("KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
                ("KAFKA_SASL_USERNAME", User),
                ("KAFKA_SASL_PASSWORD", Secret),
                ("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", provider.Url),
            ]));

        await service.BecomesUpAsync();
        await service.GetTimesAsync(3);
        await Eventually.EqualsAsync(3, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath), TimeSpan.FromSeconds(60));
    }
}
