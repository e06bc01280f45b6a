using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Embedded;

/// <summary>The test broker's console, in its own process.</summary>
public sealed class BrokerProcessTests
{
    private const string Topic = "things";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task It_prints_its_address_and_has_its_topics()
    {
        await using var broker = await BrokerProcess.StartAsync("--topic", "one:1", "--topic", "six:6", "--brokers", "2");

        Assert.Equal(2, broker.BootstrapServers.Split(',').Length);
        using var admin = Admin(broker);
        Assert.Single(admin.GetMetadata("one", _timeout).Topics.Single().Partitions);
        Assert.Equal(6, admin.GetMetadata("six", _timeout).Topics.Single().Partitions.Count);
    }

    [Fact]
    public async Task It_obeys_its_commands()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 2);
        using var producer = Producer(broker);
        await ProduceAsync(producer, "before");

        await broker.DownAsync();
        var backlog = ProduceAsync(producer, "meanwhile");
        await broker.CommandAsync("rtt 1");
        await broker.CommandAsync("leader things 1 -1");
        await broker.CommandAsync("leader things 1 1");
        await broker.UpAsync();
        await backlog;
        await broker.CommandAsync("errors 0 29");
        var e = await Assert.ThrowsAsync<ProduceException<string?, string>>(() => ProduceAsync(producer, "refused"));

        Assert.Equal(ErrorCode.TopicAuthorizationFailed, e.Error.Code);
        var records = await TopicReader.ReadAllAsync(broker.BootstrapServers, Topic);
        Assert.Equal(["before", "meanwhile"], records.Select(record => record.Message.Value).Order());
    }

    [Fact]
    public async Task It_answers_bad_commands_and_goes_on()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);

        await AssertRefusedAsync(broker, "sideways", "Unknown command 'sideways'");
        await AssertRefusedAsync(broker, "", "Unknown command ''");
        await AssertRefusedAsync(broker, "down now", "Unknown command 'down now'");
        await AssertRefusedAsync(broker, "rtt soon", "'soon' is not a number of milliseconds");
        await AssertRefusedAsync(broker, "rtt -1", "must be greater than or equal to");
        await AssertRefusedAsync(broker, "errors 0", "Unknown command 'errors 0'");
        await AssertRefusedAsync(broker, "errors 0 many", "'many' is not an error code");
        await AssertRefusedAsync(broker, "errors -1 7", "non-negative");
        await AssertRefusedAsync(broker, "leader things 0 2", "Broker 2 was not made the leader");
        await AssertRefusedAsync(broker, "leader th/ngs 0 1", "'th/ngs' is not a topic name");
        await broker.UpAsync();
    }

    [Theory]
    [InlineData("Unknown argument '--topics'", "--topics", "a:1")]
    [InlineData("--topic needs a value", "--topic")]
    [InlineData("not 'a'", "--topic", "a")]
    [InlineData("not 'a:0'", "--topic", "a:0")]
    [InlineData("not 'a b:1'", "--topic", "a b:1")]
    [InlineData("--brokers takes a number from 1 to 100, not '0'", "--brokers", "0")]
    [InlineData("--brokers takes a number from 1 to 100, not '101'", "--brokers", "101")]
    [InlineData("already exists", "--topic", "a:1", "--topic", "a:2")]
    public async Task It_refuses_bad_arguments(string reason, params string[] args)
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => BrokerProcess.StartAsync(args));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frozen_it_answers_nothing_and_thawed_it_has_kept_everything()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);
        using var producer = Producer(broker);
        using var admin = Admin(broker);
        await ProduceAsync(producer, "before");
        Assert.NotEmpty(admin.GetMetadata(_timeout).Brokers);

        broker.Freeze();
        var meanwhile = ProduceAsync(producer, "meanwhile");
        Assert.Throws<KafkaException>(() => admin.GetMetadata(TimeSpan.FromMilliseconds(300)));
        Assert.False(meanwhile.IsCompleted);
        broker.Thaw();
        await meanwhile;

        var records = await TopicReader.ReadAllAsync(broker.BootstrapServers, Topic);
        Assert.Equal(["before", "meanwhile"], records.Select(record => record.Message.Value));
    }

    [Fact]
    public async Task It_can_be_frozen_again_and_again()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);
        using var producer = Producer(broker);
        for (var i = 0; i < 50; i++)
        {
            broker.Freeze();
            var meanwhile = ProduceAsync(producer, $"{i}");
            broker.Thaw();
            await meanwhile;
        }

        Assert.Equal(50, (await TopicReader.ReadAllAsync(broker.BootstrapServers, Topic)).Count);
    }

    [Fact]
    public async Task It_ends_when_told_to()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);

        await broker.CommandAsync("quit");

        Assert.Equal(0, await broker.WaitForExitAsync(_timeout));
        await Assert.ThrowsAsync<InvalidOperationException>(broker.DownAsync);
    }

    [Fact]
    public async Task It_ends_with_its_input()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);

        broker.CloseInput();

        Assert.Equal(0, await broker.WaitForExitAsync(_timeout));
    }

    [Fact]
    public async Task It_can_be_killed_while_frozen()
    {
        await using var broker = await BrokerProcess.StartAsync(Topic, 1);
        broker.Freeze();

        broker.Kill();

        Assert.Equal(128 + Signals.Kill, await broker.WaitForExitAsync(_timeout));
    }

    private static async Task AssertRefusedAsync(BrokerProcess broker, string command, string reason)
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => broker.CommandAsync(command));
        Assert.Contains("ERROR ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private static Task<DeliveryResult<string?, string>> ProduceAsync(IProducer<string?, string> producer, string value) =>
        producer.ProduceAsync(Topic, new Message<string?, string> { Value = value }).WaitAsync(_timeout);

    private static IProducer<string?, string> Producer(BrokerProcess broker) => new ProducerBuilder<string?, string>(new ProducerConfig
    {
        BootstrapServers = broker.BootstrapServers,
        EnableIdempotence = true,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 200,
    }).SetLogHandler((_, _) => { }).Build();

    private static IAdminClient Admin(BrokerProcess broker) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
}
