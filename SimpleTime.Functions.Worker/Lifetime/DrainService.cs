using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Lifetime;

/// <summary>
/// Holds the shutdown back for <see cref="HostSettings.DrainDelay"/>, so that load balancers see the refusal of readiness
/// while requests are still served. A process that ends for a fault has no time for that.
/// </summary>
internal sealed class DrainService(HostSettings settings, FatalStop fatal, TimeProvider time) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (settings.DrainDelay > TimeSpan.Zero)
        {
            await Task.WhenAny(Task.Delay(settings.DrainDelay, time, CancellationToken.None), fatal.Begun).ConfigureAwait(false);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
