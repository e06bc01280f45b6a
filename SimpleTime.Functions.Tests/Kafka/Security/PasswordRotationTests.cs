using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Security;

/// <summary>Clients whose password changes while they live.</summary>
public sealed class PasswordRotationTests : IDisposable
{
    private const string User = "service";
    private const string First = "first-geheim";
    private const string Second = "second-geheim";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly TempFolder _folder = new();
    private readonly TestTopic _topic = new();

    private string PasswordPath => _folder.Combine("password");

    public void Dispose()
    {
        _topic.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Every_kind_of_client_logs_in_with_a_new_password(string mechanism)
    {
        await File.WriteAllTextAsync(PasswordPath, First);
        await using var broker = Broker(mechanism);
        using var clients = Clients(mechanism);
        using var producer = clients.Factory.CreateProducer<Null>(
            ProducerProfile.Of(new KafkaOutputAttribute(broker.BootstrapServers, TestTopic.Name), broker.BootstrapServers), _ => { });
        using var consumer = clients.Factory.CreateConsumer(broker.BootstrapServers, TestTopic.Group, builder => builder
            .SetPartitionsAssignedHandler((_, partitions) => partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning))));
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        consumer.Subscribe(TestTopic.Name);
        await SendsReadsAndAsksAsync();

        broker.Password = Second;
        await Eventually.BecomesTrueAsync(() => broker.Refusals >= 3, _timeout);
        await File.WriteAllTextAsync(PasswordPath, Second + "\n");

        await SendsReadsAndAsksAsync();
        Assert.Single(clients.Logs.All, line => line.Text.Contains("there is a new password", StringComparison.Ordinal));
        Assert.DoesNotContain(clients.Logs.All, line => line.Text.Contains("geheim", StringComparison.Ordinal));

        // A client that is made later has it at once.
        using var late = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var lateAdmin = new DependentAdminClientBuilder(late.Handle).Build();
        Assert.NotEmpty(lateAdmin.GetMetadata(TestTopic.Name, _timeout).Brokers);
        consumer.Close();

        async Task SendsReadsAndAsksAsync()
        {
            await producer.ProduceAsync(TestTopic.Name, new Message<Null, byte[]> { Value = [1] }).WaitAsync(_timeout);
            await Eventually.BecomesTrueAsync(
                () => Task.Run(() => consumer.Consume(TimeSpan.FromMilliseconds(200)) is { IsPartitionEOF: false }), _timeout);
            await Eventually.BecomesTrueAsync(
                () => Task.Run(() => admin.GetMetadata(TestTopic.Name, TimeSpan.FromSeconds(2)).Brokers.Count > 0), _timeout);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_file_that_cannot_be_read_for_a_moment_is_one_line_and_the_last_password_stays(string? content)
    {
        await File.WriteAllTextAsync(PasswordPath, First);
        await using var broker = Broker("SCRAM-SHA-256");
        using var clients = Clients("SCRAM-SHA-256");
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();

        File.Delete(PasswordPath);
        if (content is not null)
        {
            await File.WriteAllTextAsync(PasswordPath, content);
        }

        await Eventually.EqualsAsync(1, () => clients.Logs.Count("The last password stays"), _timeout);
        var reads = broker.Authentications;
        await Eventually.BecomesTrueAsync(
            () => Task.Run(() => admin.GetMetadata(TestTopic.Name, TimeSpan.FromSeconds(2)).Brokers.Count > 0 && broker.Authentications > reads + 2), _timeout);
        Assert.Equal(0, broker.Refusals);
        using var other = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var otherAdmin = new DependentAdminClientBuilder(other.Handle).Build();
        Assert.NotEmpty(otherAdmin.GetMetadata(TestTopic.Name, _timeout).Brokers);

        await File.WriteAllTextAsync(PasswordPath, First);
        await Eventually.EqualsAsync(1, () => clients.Logs.Count("it is the last password"), _timeout);
        Assert.Equal(1, clients.Logs.All.Count(line => line.Level >= LogLevel.Warning));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_at_the_start_is_read_later()
    {
        await using var broker = Broker("PLAIN");
        using var clients = Clients("PLAIN");
        Assert.Contains(clients.Notices.Lines, line => line.Contains("NOT UP until that is put right.", StringComparison.Ordinal));
        using var nowhere = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });

        await File.WriteAllTextAsync(PasswordPath, First);
        await Eventually.EqualsAsync(null, () => clients.Factory.SecurityProblem, _timeout);

        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        Assert.NotEmpty(admin.GetMetadata(TestTopic.Name, _timeout).Brokers);
        Assert.Equal(0, broker.Refusals);
    }

    [Fact]
    public async Task Clients_that_end_while_the_password_changes_do_no_harm()
    {
        await File.WriteAllTextAsync(PasswordPath, First);
        await using var broker = Broker("PLAIN");
        using var clients = Clients("PLAIN");
        var ended = new List<IClient>();
        for (var i = 0; i < 5; i++)
        {
            ended.Add(clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { }));
        }

        ended.ForEach(client => client.Dispose());
        using var observer = clients.Factory.CreateObserver(broker.BootstrapServers, "g", _ => { });
        ended.ForEach(client => client.Dispose());
        await File.WriteAllTextAsync(PasswordPath, Second);
        broker.Password = Second;

        await Eventually.EqualsAsync(1, () => clients.Logs.Count("there is a new password"), _timeout);
        using var admin = new DependentAdminClientBuilder(observer.Handle).Build();
        Assert.NotEmpty(admin.GetMetadata(TestTopic.Name, _timeout).Brokers);
        Assert.DoesNotContain(clients.Logs.All, line => line.Text.Contains("kafka-credentials", StringComparison.Ordinal));
    }

    private SecureBroker Broker(string mechanism) => new(_topic.Brokers)
    {
        Mechanism = mechanism,
        Username = User,
        Password = First,
        SessionLifetime = TimeSpan.FromSeconds(2),
    };

    private TestClients Clients(string mechanism) => new(new Dictionary<string, string?>
    {
        [KafkaSecurity.ProtocolSetting] = "sasl_plaintext",
        [KafkaSecurity.MechanismSetting] = mechanism,
        [KafkaSecurity.UsernameSetting] = User,
        [KafkaSecurity.PasswordFileSetting] = PasswordPath,
    });
}
