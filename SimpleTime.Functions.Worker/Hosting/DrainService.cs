using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Http;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>
/// Holds the shutdown back for <see cref="HostSettings.DrainDelay"/>, so that load balancers see the refusal of readiness
/// while requests are still served, and then gives open connections a bounded time.
/// </summary>
internal sealed class DrainService : IHostedLifecycleService
{
    // Within 15 s of SIGTERM: 4 s for requests, 4 s for the consumers, 5 s for the producers.
    private static readonly TimeSpan _requestTime = TimeSpan.FromSeconds(4);

    private readonly HostSettings _settings;
    private readonly OpenConnections _connections;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _abort;

    public DrainService(DrainState state, HostSettings settings, OpenConnections connections, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _settings = settings;
        _connections = connections;
        _time = time;
        _registration = lifetime.ApplicationStopping.Register(state.Begin);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_settings.DrainDelay > TimeSpan.Zero)
        {
            await Task.Delay(_settings.DrainDelay, _time, CancellationToken.None).ConfigureAwait(false);
        }

        _abort = _time.CreateTimer(static connections => ((OpenConnections)connections!).Abort(), _connections, _requestTime, Timeout.InfiniteTimeSpan);
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_abort is not null)
        {
            await _abort.DisposeAsync().ConfigureAwait(false);
        }

        await _registration.DisposeAsync().ConfigureAwait(false);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
