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
    private protected async Task AllAreStoredAsync(long answered, TimeSpan? within = null)
    {
        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(Database) >= answered, within ?? TimeSpan.FromSeconds(40));
        Assert.Equal(answered, await StoredEvents.RequestsAsync(Database));
        Assert.Equal(answered, await StoredEvents.CountAsync(Database, "SELECT count(*) FROM http_requests"));
        Assert.Equal(answered, await StoredEvents.CountAsync(Database, "SELECT count(*) FROM http_responses"));
    }
}
