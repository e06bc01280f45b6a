using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>
/// Knows the open connections, so that a client that is slow to send or read cannot hold up the shutdown. Kestrel itself
/// waits for them as long as the whole host may take. Safe for use by several threads.
/// </summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, byte> _connections = new(ReferenceEqualityComparer.Instance);

    public ConnectionDelegate Track(ConnectionDelegate next) => async connection =>
    {
        _connections.TryAdd(connection, 0);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    };

    public void Abort()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Abort(new ConnectionAbortedException("The service is shutting down."));
        }
    }
}
