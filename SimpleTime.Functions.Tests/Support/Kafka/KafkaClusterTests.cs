using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>What tests need of a cluster.</summary>
public class KafkaClusterTests
{
    private const string Topic = "things";

    private static readonly TopicPartition _partition = new(Topic, 0);

    [KafkaFact]
    public async Task Records_outlive_a_stop_a_kill_and_a_freeze()
    {
        await using var cluster = await KafkaCluster.StartAsync();
        using var writer = new TopicWriter(cluster.BootstrapServers);
        await cluster.Admin.CreateTopicAsync(Topic, 1);
        await writer.WriteAsync(_partition, "1");

        await cluster.Node.StopAsync();
        await cluster.Node.StartAsync();
        await writer.WriteAsync(_partition, "2");
        await cluster.Node.KillAsync();
        await cluster.Node.StartAsync();
        cluster.Node.Freeze();
        var waiting = writer.WriteAsync(_partition, "3");
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(1))));
        cluster.Node.Thaw();
        await waiting;

        var records = await TopicReader.ReadAllAsync(cluster.BootstrapServers, Topic);
        Assert.Equal(["1", "2", "3"], records.Select(record => record.Message.Value));
    }

    [KafkaFact]
    public async Task A_user_may_do_what_is_allowed_over_TLS_alone()
    {
        await using var cluster = await KafkaCluster.StartAsync(new KafkaClusterOptions
        {
            Users = new Dictionary<string, string> { ["amy"] = "pw" },
            HasTls = true,
            HasAuthorizer = true,
        });
        await cluster.Admin.CreateTopicAsync(Topic, 1);
        var settings = cluster.SecuritySettings("amy").ToDictionary();
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig
        {
            BootstrapServers = settings["KAFKA_BROKERS"],
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.ScramSha512,
            SaslUsername = "amy",
            SaslPassword = "pw",
            SslCaLocation = settings["KAFKA_SSL_CA_LOCATION"],
            EnableIdempotence = false,
            TopicMetadataRefreshIntervalMs = 200,
        }).SetLogHandler((_, _) => { }).Build();

        await IsRefusedAsync();
        await cluster.Admin.AllowAsync("amy", ResourceType.Topic, Topic, AclOperation.Write);
        await Eventually.BecomesTrueAsync(async () => await producer.ProduceAsync(_partition, new() { Value = "1" }) is not null);
        await cluster.Admin.ForbidAsync("amy", ResourceType.Topic, Topic, AclOperation.Write);
        await Eventually.BecomesTrueAsync(IsRefusedAsync);

        async Task<bool> IsRefusedAsync() => (await Record.ExceptionAsync(() => producer.ProduceAsync(_partition, new() { Value = "2" })))
            is ProduceException<Null, string> { Error.Code: ErrorCode.TopicAuthorizationFailed };
    }
}
