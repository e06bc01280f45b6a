using Confluent.Kafka.Admin;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>The service and Apache Kafka.</summary>
[Collection(SharedKafka.Name)]
public class ApacheKafkaTests(SharedKafka kafka)
{
    private const string User = "simple-time";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _topic = $"events-{Guid.NewGuid():N}";

    [KafkaFact]
    public async Task Requests_become_rows_each_once()
    {
        await kafka.Cluster.Admin.CreateTopicAsync(_topic, 12);
        await RequestsBecomeRowsAsync(("KAFKA_BROKERS", kafka.Cluster.BootstrapServers));
    }

    [KafkaFact]
    public async Task Requests_become_rows_over_TLS_for_a_user_with_no_more_rights_than_these()
    {
        await using var secure = await KafkaCluster.StartAsync(new KafkaClusterOptions
        {
            Users = new Dictionary<string, string> { [User] = "pass-word=0815" },
            HasTls = true,
            HasAuthorizer = true,
        });
        await secure.Admin.CreateTopicAsync(_topic, 12);
        await secure.Admin.AllowAsync(User, ResourceType.Topic, _topic, AclOperation.Write);
        await secure.Admin.AllowAsync(User, ResourceType.Topic, _topic, AclOperation.Read);
        await secure.Admin.AllowAsync(User, ResourceType.Group, _topic, AclOperation.Read);
        await RequestsBecomeRowsAsync(secure.SecuritySettings(User));
    }

    private async Task RequestsBecomeRowsAsync(params (string Name, string? Value)[] settings)
    {
        await using var service = await ServiceProcess.StartAsync(
            ServiceCalls.Settings("", [("KAFKA_TOPIC_EVENTS", _topic), ("KAFKA_CONSUMER_GROUP", _topic), .. settings]));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(100);

        await Eventually.EqualsAsync(100L, () => StoredEvents.AnsweredRequestsAsync(service.DatabasePath), _patience);
        await Eventually.EqualsAsync(
            "0", async () => (await service.GetJsonAsync("/kafka/status")).GetProperty("lag").ToString(), _patience);
        Assert.Equal(100, await StoredEvents.CountAsync(service.DatabasePath, "SELECT count(*) FROM http_requests"));
        Assert.Equal(100, await StoredEvents.CountAsync(service.DatabasePath, "SELECT count(*) FROM http_responses"));
    }
}
