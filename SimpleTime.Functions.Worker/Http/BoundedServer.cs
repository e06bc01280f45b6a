using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Worker.Lifetime;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>
/// Gives the server a time of its own to finish its requests. It would wait for a client that is slow, or for a function that
/// does not end, as long as the whole host may take.
/// </summary>
internal sealed class BoundedServer(IServer server, FatalStop fatal) : IServer
{
    // Within 15 s of SIGTERM: 4 s for requests, 4 s for the consumers, 5 s for the producers.
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(4);

    // A function hangs then, and is waited for as well as the requests that will end.
    private static readonly TimeSpan _fatalStopTime = TimeSpan.FromSeconds(5);

    public IFeatureCollection Features => server.Features;

    /// <summary>Puts the bound around the server that is registered.</summary>
    public static void Decorate(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IServer));
        services.AddSingleton<IServer>(provider => new BoundedServer(
            (IServer)(inner.ImplementationType is { } type
                ? ActivatorUtilities.CreateInstance(provider, type)
                : inner.ImplementationFactory!(provider)),
            provider.GetRequiredService<FatalStop>()));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(application, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(fatal.Begun.IsCompleted ? _fatalStopTime : _stopTime);
        await server.StopAsync(stop.Token).ConfigureAwait(false);
    }

    public void Dispose() => server.Dispose();
}
