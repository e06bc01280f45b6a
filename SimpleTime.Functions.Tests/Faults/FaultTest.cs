using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A broker, a service and a place for its files that outlives it.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public abstract class FaultTest : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly TempFolder _folder = new();

    private protected BrokerProcess Broker { get; private set; } = null!;

    private protected string Database => _folder.Combine("events.db");

    private protected string Spool => _folder.Combine("spool");

    public async Task InitializeAsync() => Broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 12);

    public async Task DisposeAsync()
    {
        await Broker.DisposeAsync();
        _folder.Dispose();
    }

    private protected Task<ServiceProcess> StartAsync(params ReadOnlySpan<(string Name, string? Value)> more) =>
        ServiceProcess.StartAsync(ServiceCalls.Settings(
            Broker.BootstrapServers,
            [
                ("DB_PATH", Database),
                ("EVENT_SPOOL_PATH", Spool),
                // The mock cluster lets every rebalance wait for this long.
                ("AzureFunctionsJobHost__extensions__kafka__sessionTimeoutMs", "3000"),
                .. more,
            ]));

    /// <summary>Waits until each answered request is there, with its response, and holds that none is there twice.</summary>
    private protected Task AllAreStoredAsync(long answered, TimeSpan? within = null) => AllAreStoredAsync(answered, answered, within);

    /// <summary>As the other; requests whose answer the end of the service cut off may be there too.</summary>
    private protected async Task AllAreStoredAsync(long answered, long sent, TimeSpan? within = null)
    {
        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(Database) >= answered, within ?? TimeSpan.FromSeconds(40));
        foreach (var table in (string[])["http_requests", "http_responses"])
        {
            var rows = await StoredEvents.CountAsync(Database, $"SELECT count(*) FROM {table}");
            Assert.InRange(rows, answered, sent);
            Assert.Equal(rows, await StoredEvents.CountAsync(Database, $"SELECT count(DISTINCT event_id) FROM {table}"));
        }
    }

    /// <summary>How many events of requests and responses are stored.</summary>
    private protected Task<long> EventsAsync() => StoredEvents.CountAsync(
        Database, "SELECT (SELECT count(*) FROM http_requests) + (SELECT count(*) FROM http_responses)");
}
