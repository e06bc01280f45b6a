using Microsoft.Extensions.Hosting;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>
/// Holds the shutdown back for <see cref="HostSettings.DrainDelay"/>, so that load balancers see the refusal of readiness
/// while requests are still served. A process that ends for a fault has no time for that.
/// </summary>
internal sealed class DrainService : IHostedLifecycleService
{
    private readonly HostSettings _settings;
    private readonly FatalStop _fatal;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _registration;

    public DrainService(DrainState state, HostSettings settings, FatalStop fatal, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _settings = settings;
        _fatal = fatal;
        _time = time;
        _registration = lifetime.ApplicationStopping.Register(state.Begin);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_settings.DrainDelay > TimeSpan.Zero)
        {
            await Task.WhenAny(Task.Delay(_settings.DrainDelay, _time, CancellationToken.None), _fatal.Begun).ConfigureAwait(false);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => _registration.DisposeAsync().AsTask();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
