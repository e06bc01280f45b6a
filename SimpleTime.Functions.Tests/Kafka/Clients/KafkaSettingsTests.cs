using Confluent.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>host.json's <c>extensions.kafka</c>.</summary>
public sealed class KafkaSettingsTests
{
    [Fact]
    public void The_defaults_are_the_official_ones_where_those_are_safe()
    {
        using var clients = new TestClients();
        var settings = clients.Settings;

        Assert.Equal(64, settings.MaxBatchSize);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.SubscriberInterval);
        Assert.Equal(AutoOffsetReset.Earliest, settings.AutoOffsetReset);
        Assert.Equal(200, settings.AutoCommitIntervalMs);
        Assert.Equal(10_000, settings.SessionTimeoutMs);
        Assert.Equal(300_000, settings.MaxPollIntervalMs);
        Assert.Equal(180_000, settings.MetadataMaxAgeMs);
        Assert.True(settings.SocketKeepaliveEnable);
        Assert.True(settings.CommitOnFailure);
        Assert.Equal(5, settings.MaxRetries);
        Assert.InRange(settings.ReconnectBackoffMaxMs, 1, 2_000);
        Assert.Empty(settings.Librdkafka);
        Assert.Empty(clients.Notices.Lines);
    }

    [Theory]
    [InlineData("executorChannelCapacity")]
    [InlineData("channelFullRetryIntervalInMs")]
    public void An_official_key_that_this_host_does_not_do_is_told(string key)
    {
        using var clients = new TestClients((key, "50"));

        Assert.Contains(key, Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_official_key_is_read()
    {
        using var clients = new TestClients(
            ("maxBatchSize", "7"), ("subscriberIntervalInSeconds", "2"),
            ("autoOffsetReset", "latest"), ("autoCommitIntervalMs", "300"), ("sessionTimeoutMs", "20000"), ("maxPollIntervalMs", "60000"),
            ("metadataMaxAgeMs", "9000"), ("socketKeepaliveEnable", "false"), ("reconnectBackoffMs", "10"), ("reconnectBackoffMaxMs", "100"),
            ("queuedMinMessages", "11"), ("queuedMaxMessagesKbytes", "12"), ("maxPartitionFetchBytes", "13"), ("fetchMaxBytes", "2000000"),
            ("statisticsIntervalMs", "15"), ("libkafkaDebug", "broker"), ("commitOnFailure", "false"), ("maxRetries", "-1"),
            ("librdkafka:linger.ms", "5"));
        var settings = clients.Settings;

        Assert.Empty(clients.Notices.Lines);
        Assert.Equal((7, TimeSpan.FromSeconds(2), AutoOffsetReset.Latest), (settings.MaxBatchSize, settings.SubscriberInterval, settings.AutoOffsetReset));
        Assert.Equal((300, 20_000, 60_000), (settings.AutoCommitIntervalMs, settings.SessionTimeoutMs, settings.MaxPollIntervalMs));
        Assert.Equal((9_000, false, 10, 100),
            (settings.MetadataMaxAgeMs, settings.SocketKeepaliveEnable, settings.ReconnectBackoffMs, settings.ReconnectBackoffMaxMs));
        Assert.Equal((11, 12, 13, 2_000_000),
            (settings.QueuedMinMessages, settings.QueuedMaxMessagesKbytes, settings.MaxPartitionFetchBytes, settings.FetchMaxBytes));
        Assert.Equal((15, "broker", false, -1), (settings.StatisticsIntervalMs, settings.LibkafkaDebug, settings.CommitOnFailure, settings.MaxRetries));
        Assert.Equal("5", settings.Librdkafka["linger.ms"]);
    }

    [Theory]
    [InlineData("maxBatchSize", "0")]
    [InlineData("maxBatchSize", "many")]
    [InlineData("subscriberIntervalInSeconds", "-1")]
    [InlineData("autoOffsetReset", "Newest")]
    [InlineData("autoCommitIntervalMs", "0")]
    [InlineData("sessionTimeoutMs", "1")]
    [InlineData("maxPollIntervalMs", "9999")]
    [InlineData("metadataMaxAgeMs", "x")]
    [InlineData("socketKeepaliveEnable", "on")]
    [InlineData("reconnectBackoffMaxMs", "10000")]
    [InlineData("queuedMinMessages", "0")]
    [InlineData("queuedMaxMessagesKbytes", "0")]
    [InlineData("maxPartitionFetchBytes", "0")]
    [InlineData("fetchMaxBytes", "0")]
    [InlineData("statisticsIntervalMs", "-1")]
    [InlineData("commitOnFailure", "perhaps")]
    [InlineData("maxRetries", "-2")]
    [InlineData("maxBatchsizes", "5")]
    public void A_wrong_value_or_key_is_one_notice_that_names_it(string key, string value)
    {
        using var clients = new TestClients((key, value));

        Assert.Contains(key, Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enable.idempotence", "false")]
    [InlineData("acks", "0")]
    [InlineData("request.required.acks", "1")]
    [InlineData("enable.auto.offset.store", "true")]
    public void What_keeps_events_from_being_lost_cannot_be_turned_off(string property, string value)
    {
        using var clients = new TestClients(("librdkafka:" + property, value), ("librdkafka:linger.ms", "5"));

        Assert.Equal(["linger.ms"], clients.Settings.Librdkafka.Keys);
        Assert.Contains(property, Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delivery.report.only.error", "true")]
    [InlineData("dotnet.producer.enable.delivery.reports", "false")]
    public void What_tells_a_delivery_cannot_be_turned_off(string property, string value)
    {
        using var clients = new TestClients(("librdkafka:" + property, value));

        Assert.Empty(clients.Settings.Librdkafka);
        Assert.Contains(property, Assert.Single(clients.Notices.Lines), StringComparison.Ordinal);
    }
}
