using System.Net;
using Microsoft.AspNetCore.Connections;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>
/// Makes listeners whose connections are limited. The limit is where connections are accepted, since those that wait for a thread hold a descriptor too.
/// Safe for use by several threads.
/// </summary>
internal sealed class LimitedListenerFactory(IConnectionListenerFactory factory, ConnectionLimiter limiter)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => factory is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new LimitedListener(await factory.BindAsync(endpoint, cancellationToken).ConfigureAwait(false), limiter);

    private sealed class LimitedListener(IConnectionListener listener, ConnectionLimiter limiter) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } accepted)
            {
                if (await limiter.AdmitAsync(accepted).ConfigureAwait(false) is { } admitted)
                {
                    return admitted;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
