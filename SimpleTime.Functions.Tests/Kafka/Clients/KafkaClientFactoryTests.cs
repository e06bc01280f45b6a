using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>The clients that the settings make.</summary>
public sealed class KafkaClientFactoryTests
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    /// <summary>Behind an open transaction the end of the committed records hides what waits.</summary>
    [Fact]
    public async Task A_client_for_questions_sees_uncommitted_records_whatever_consumers_do()
    {
        using var clients = new TestClients(("libkafkaDebug", "conf"), ("librdkafka:isolation.level", "read_committed"));
        using var observer = clients.Factory.CreateObserver(KafkaBrokers.Unreachable, TestTopic.Group, _ => { });

        await Eventually.EqualsAsync(1, () => clients.Logs.Count("isolation.level = read_uncommitted"));
        Assert.Equal(0, clients.Logs.Count("isolation.level = read_committed"));
    }

    [Theory]
    [InlineData("librdkafka:no.such.property", "1")]
    [InlineData("librdkafka:linger.ms", "soon")]
    [InlineData("librdkafka:linger.ms", "-5")]
    [InlineData("librdkafka:socket.timeout.ms", "1")]
    [InlineData("librdkafka:message.send.max.retries", "0")]
    [InlineData("librdkafka:group.protocol", "modern")]
    public async Task A_wrong_property_is_one_line_for_a_client_and_the_client_works(string key, string value)
    {
        using var topic = new TestTopic();
        using var clients = new TestClients((key, value), ("sessionTimeoutMs", "3000"));

        await AssertClientsWorkAsync(topic, clients);

        var property = key["librdkafka:".Length..];
        var lines = clients.Logs.All.Where(line => line.Level >= LogLevel.Warning).ToList();
        Assert.InRange(lines.Count, 1, 2);
        Assert.All(lines, line => Assert.Contains(property, line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_group_protocol_of_Kafka_4_is_taken_and_what_does_not_go_with_it_is_named()
    {
        using var clients = new TestClients(("librdkafka:group.protocol", "Consumer"), ("librdkafka:heartbeat.interval.ms", "1000"));

        using var consumer = clients.Factory.CreateConsumer("127.0.0.1:1", "g", _ => { });

        var line = Assert.Single(clients.Logs.All, line => line.Level >= LogLevel.Warning);
        Assert.Contains("The property heartbeat.interval.ms in", line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libkafkaDebug", "nonsense")]
    [InlineData("fetchMaxBytes", "1000")]
    public async Task A_wrong_official_value_that_only_the_client_can_tell_does_not_cost_the_client(string key, string value)
    {
        using var topic = new TestTopic();
        using var clients = new TestClients((key, value), ("sessionTimeoutMs", "3000"));

        await AssertClientsWorkAsync(topic, clients);
    }

    [Fact]
    public async Task A_raw_property_goes_over_the_workers_own()
    {
        using var topic = new TestTopic();
        using var clients = new TestClients(("librdkafka:message.max.bytes", "2000"), ("librdkafka:linger.ms", "0"));
        using var producer = clients.Factory.CreateProducer<Null>(Profile(topic.Brokers), _ => { });

        await producer.ProduceAsync(TestTopic.Name, new Message<Null, byte[]> { Value = new byte[1_000] }).WaitAsync(_timeout);

        var error = Assert.Throws<ProduceException<Null, byte[]>>(
            () => producer.Produce(TestTopic.Name, new Message<Null, byte[]> { Value = new byte[3_000] }));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, error.Error.Code);
        Assert.DoesNotContain(clients.Logs.All, line => line.Level >= LogLevel.Warning);
    }

    /// <summary>
    /// Kafka takes any first sequence number of a producer that it does not know, as a new one is. From the acknowledgement of a batch the
    /// client concludes that Kafka has the one before, too, even where that was refused.
    /// </summary>
    [Fact]
    public async Task What_a_producer_says_is_there_is_there_although_Kafka_refused_it_at_first()
    {
        const short produce = 0;
        const int notEnoughReplicas = 19;
        using var topic = new TestTopic();
        using var clients = new TestClients();
        using var producer = clients.Factory.CreateProducer<Null>(Profile(topic.Brokers) with { BatchSize = 1, LingerMs = 0 }, _ => { });
        topic.Broker.SetRoundTripTime(TimeSpan.FromMilliseconds(200));
        topic.Broker.PushRequestErrors(produce, notEnoughReplicas);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            producer.ProduceAsync(TestTopic.Name, new Message<Null, byte[]> { Value = [(byte)('0' + i)] }))).WaitAsync(_timeout);

        topic.Broker.SetRoundTripTime(TimeSpan.Zero);
        var values = (await TopicReader.ReadAllAsync(topic.Brokers, TestTopic.Name)).Select(record => record.Message.Value);
        Assert.Equal(["0", "1", "2", "3", "4"], values);
    }

    [Fact]
    public void A_client_without_a_broker_keeps_still_in_the_log()
    {
        using var clients = new TestClients();
        using var observer = clients.Factory.CreateObserver("127.0.0.1:1", "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();

        Assert.Throws<KafkaException>(() => admin.GetMetadata("t", TimeSpan.FromSeconds(1)));

        Assert.DoesNotContain(clients.Logs.All, line => line.Level >= LogLevel.Information);
    }

    [Fact]
    public async Task What_clients_say_in_the_same_words_is_a_line_a_minute()
    {
        using var clients = new TestClients();
        var failed = new ConcurrentDictionary<int, bool>();
        var producers = Enumerable.Range(0, 3)
            .Select(i => clients.Factory.CreateProducer<Null>(Profile("127.0.0.1:1"), _ => failed.TryAdd(i, true))).ToList();
        try
        {
            await Eventually.EqualsAsync(3, () => failed.Count, _timeout);

            // Each has said so before it told its error.
            Assert.Equal(1, clients.Logs.Count("[FAIL]"));
        }
        finally
        {
            producers.ForEach(producer => producer.Dispose());
        }
    }

    [Fact]
    public void The_embedded_broker_starts_once_when_it_is_asked_for()
    {
        using var clients = new TestClients();

        Assert.Equal("EMBEDDED", clients.Brokers.List("EMBEDDED"));
        var address = clients.Brokers.BootstrapServers("EMBEDDED");
        clients.Brokers.EnsureTopic("embedded", "a");
        clients.Brokers.EnsureTopic("embedded", "a");

        Assert.Matches("^127\\.0\\.0\\.1:[0-9]+$", address);
        Assert.Equal(address, clients.Brokers.BootstrapServers("embedded"));
        using var observer = clients.Factory.CreateObserver("embedded", "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        var topic = Assert.Single(admin.GetMetadata("a", _timeout).Topics);
        Assert.Equal(12, topic.Partitions.Count);
        Assert.Equal(1, clients.Logs.Count(address));
    }

    [Fact]
    public void Another_broker_is_taken_as_it_is_and_gets_no_topics()
    {
        using var clients = new TestClients();

        clients.Brokers.EnsureTopic("example.org:9092", "not a topic!");

        Assert.Equal("example.org:9092", clients.Brokers.BootstrapServers("example.org:9092"));
        Assert.False(EmbeddedBroker.IsNamedBy("example.org:9092"));
    }

    [Fact]
    public void A_topic_that_the_embedded_broker_refuses_does_not_stop_the_service()
    {
        using var clients = new TestClients();

        Assert.Null(Record.Exception(() => clients.Brokers.EnsureTopic("embedded", "not a topic!")));
    }

    private static ProducerProfile Profile(string brokers) => ProducerProfile.Of(new KafkaOutputAttribute(brokers, TestTopic.Name), brokers);

    private static async Task AssertClientsWorkAsync(TestTopic topic, TestClients clients)
    {
        using (var producer = clients.Factory.CreateProducer<Null>(Profile(topic.Brokers), _ => { }))
        {
            var report = await producer.ProduceAsync(TestTopic.Name, new Message<Null, byte[]> { Value = [1] }).WaitAsync(_timeout);
            Assert.Equal(0, report.Offset.Value);
        }

        using var consumer = clients.Factory.CreateConsumer(topic.Brokers, TestTopic.Group, builder => builder.SetPartitionsAssignedHandler(
            (_, partitions) => partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning))));
        consumer.Subscribe(TestTopic.Name);
        var record = await Task.Run(() => consumer.Consume(_timeout));
        Assert.Equal("1", record?.Message.Value![0].ToString(CultureInfo.InvariantCulture));
        consumer.Close();
    }
}
