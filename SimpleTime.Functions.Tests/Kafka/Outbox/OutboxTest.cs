using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>An outbox without clients, files and threads of its own, and a topic that has a leader.</summary>
public abstract class OutboxTest : IAsyncLifetime, IDisposable
{
    private protected OutboxTest(OutboxRig rig)
    {
        Rig = rig;
        Topic = rig.Add("topic");
    }

    private protected OutboxRig Rig { get; }

    private protected OutboxDestination Topic { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Rig.DisposeAsync();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Rig.Dispose();
}
