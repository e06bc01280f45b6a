using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Xunit.Sdk;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A broker, a service and a place for its files that outlives it.</summary>
/// <remarks>
/// With <c>SIMPLETIME_FAULTS=full</c> and <c>KAFKA_BROKERS</c> in the environment, tests that take nothing away from the broker
/// run against that cluster, on topics of their own.
/// </remarks>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public abstract class FaultTest : IAsyncLifetime
#pragma warning restore CA1001
{
    private protected const int Partitions = 12;

    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<ServiceProcess> _services = [];
    private BrokerProcess? _broker;

    /// <summary>The test broker, to be taken away and brought back.</summary>
    private protected BrokerProcess Broker => _broker ?? throw new InvalidOperationException("This test is run against a cluster.");

    private protected string Brokers { get; set; } = "";

    private protected string Topic { get; set; } = ServiceCalls.Topic;

    /// <summary>Whether the test does anything to the broker.</summary>
    protected virtual bool NeedsTestBroker => true;

    private protected string Database => _folder.Combine("events.db");

    private protected string Spool => _folder.Combine("spool");

    public virtual async Task InitializeAsync()
    {
        if (!NeedsTestBroker && FaultScale.Cluster is { } cluster)
        {
            Brokers = cluster;
            Topic = $"simple-time-faults-{Guid.NewGuid():N}";
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster }).Build();
            await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = Partitions }]);
            return;
        }

        _broker = await BrokerProcess.StartAsync(Topic, Partitions);
        Brokers = _broker.BootstrapServers;
    }

    public virtual async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _folder.Dispose();
    }

    private protected Task<ServiceProcess> StartAsync(params ReadOnlySpan<(string Name, string? Value)> more) =>
        StartAsync(Settings([("DB_PATH", Database), .. more]));

    private protected Dictionary<string, string?> Settings(params ReadOnlySpan<(string Name, string? Value)> more) =>
        ServiceCalls.Settings(
            Brokers,
            [
                ("KAFKA_TOPIC_EVENTS", Topic),
                ("KAFKA_CONSUMER_GROUP", Topic),
                ("EVENT_SPOOL_PATH", Spool),
                // The mock cluster lets every rebalance wait for this long; a real one takes no less than 6 s.
                ("AzureFunctionsJobHost__extensions__kafka__sessionTimeoutMs", _broker is null ? "6000" : "3000"),
                .. more,
            ]);

    /// <summary>Lets a fault last for a time under load, and until requests enough were answered through it.</summary>
    private protected static async Task LastsAsync(Load load, TimeSpan duration)
    {
        var enough = load.Answered + (duration.TotalSeconds * FaultScale.Rate / 4);
        await Task.Delay(duration);
        await Eventually.BecomesTrueAsync(() => load.Answered > enough, TimeSpan.FromSeconds(30));
    }

    /// <summary>Lets a fault happen under load, and holds that what was answered is stored, once.</summary>
    /// <param name="fault">Brings the fault about, and ends it.</param>
    /// <param name="isUpAtFirst">Whether Kafka is there at the start of the service.</param>
    private protected async Task NothingIsLostAsync(Func<Load, Task> fault, bool isUpAtFirst = true)
    {
        await using var service = await StartAsync();
        if (isUpAtFirst)
        {
            await service.BecomesUpAsync();
        }

        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > 100);
        await fault(load);
        await service.BecomesUpAsync();

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
    }

    /// <summary>Waits until each answered request is there, with its response, and holds that none is there twice.</summary>
    private protected Task AllAreStoredAsync(long answered, TimeSpan? within = null) => AllAreStoredAsync(answered, answered, within);

    /// <summary>As the other; requests whose answer the end of the service cut off may be there too.</summary>
    private protected async Task AllAreStoredAsync(long answered, long sent, TimeSpan? within = null)
    {
        try
        {
            await Eventually.MeetsAsync(
                () => StoredEvents.AnsweredRequestsAsync(Database), stored => stored >= answered, within ?? TimeSpan.FromSeconds(40));
        }
        catch (XunitException e)
        {
            throw new XunitException($"Of {answered} answered requests. {e.Message}\n{await DescribeAsync()}", e);
        }

        foreach (var table in (string[])["http_requests", "http_responses"])
        {
            var rows = await StoredEvents.CountAsync(Database, $"SELECT count(*) FROM {table}");
            Assert.InRange(rows, answered, sent);
            Assert.Equal(rows, await StoredEvents.CountAsync(Database, $"SELECT count(DISTINCT event_id) FROM {table}"));
        }
    }

    /// <summary>Waits until nothing waits for Kafka, in no queue and no file.</summary>
    private protected static async Task AllIsSentAsync(ServiceProcess service)
    {
        await Eventually.EqualsAsync(0L, service.PendingAsync, TimeSpan.FromSeconds(40));
        await Eventually.EqualsAsync(0L, () => service.MetricAsync("functions_kafka_output_spool_size_bytes"), TimeSpan.FromSeconds(20));
    }

    /// <summary>How many events of requests and responses are stored.</summary>
    private protected Task<long> EventsAsync() => StoredEvents.CountAsync(
        Database, "SELECT (SELECT count(*) FROM http_requests) + (SELECT count(*) FROM http_responses)");

    private async Task<ServiceProcess> StartAsync(Dictionary<string, string?> settings)
    {
        var service = await ServiceProcess.StartAsync(settings);
        _services.Enqueue(service);
        return service;
    }

    /// <summary>Shows what the services that still run say of Kafka, and the last lines that each wrote.</summary>
    private async Task<string> DescribeAsync()
    {
        var text = new StringBuilder();
        foreach (var service in _services)
        {
            if (!service.HasExited)
            {
                text.AppendLine(await service.Client.GetStringAsync("/kafka/status"));
            }

            text.AppendJoin('\n', service.Output.TakeLast(60)).AppendLine();
        }

        return text.ToString();
    }
}
