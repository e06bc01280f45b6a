using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>
/// Bounds the open connections: at the limit the longest idle one is closed for the new one, so that probes are answered whatever holds connections
/// open. Where each has a request in progress, the new one is refused. Safe for use by several threads.
/// </summary>
internal sealed partial class ConnectionLimiter
{
    // A connection with a request in progress is not looked at again for so long: with nothing but those, new ones cost no walk each.
    private static readonly TimeSpan _busyTime = TimeSpan.FromMilliseconds(100);

    private readonly int _limit;
    private readonly TimeProvider _time;
    private readonly ConnectionMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ThrottledLine<int> _closed;
    private readonly long _busyTicks;
    private readonly Lock _lock = new();

    // By Position, which is brought up to date when a connection comes first: requests take no lock, and each is paid for once.
    private readonly SortedSet<TrackedConnection> _connections = new(
        Comparer<TrackedConnection>.Create(static (a, b) => a.Position != b.Position ? a.Position.CompareTo(b.Position) : a.Id.CompareTo(b.Id)));

    private long _lastId;

    /// <summary>Makes the limiter.</summary>
    /// <param name="limit">The most connections that are open at a time; at least 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">Counts what is closed.</param>
    /// <param name="throttled">Makes the line that is told once a minute.</param>
    /// <param name="logger">The log.</param>
    public ConnectionLimiter(int limit, TimeProvider time, ConnectionMetrics metrics, ThrottledLog throttled, ILogger<ConnectionLimiter> logger)
    {
        _limit = limit;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _closed = throttled.CreateLine<int>((most, count) => Log.Limit(_logger, most, count));
        _busyTicks = (long)(_busyTime.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Lets a connection in that was just accepted, or closes it.</summary>
    /// <returns>The connection to serve in its place; null when it was closed.</returns>
    public async ValueTask<TrackedConnection?> AdmitAsync(ConnectionContext accepted)
    {
        TrackedConnection? evicted;
        TrackedConnection? admitted = null;
        lock (_lock)
        {
            evicted = _connections.Count < _limit ? null : TakeLongestIdle();
            if (_connections.Count < _limit)
            {
                admitted = new TrackedConnection(accepted, this, ++_lastId, _time.GetTimestamp());
                _connections.Add(admitted);
            }
        }

        if (evicted is not null)
        {
            // Frees the descriptor before the next one is accepted.
            evicted.Abort(new ConnectionAbortedException("The limit of connections is reached, and this one was idle the longest."));
            Closed(ConnectionMetrics.Evicted);
        }
        else if (admitted is null)
        {
            accepted.Abort(new ConnectionAbortedException("The limit of connections is reached, and each has a request in progress."));
            await accepted.DisposeAsync().ConfigureAwait(false);
            Closed(ConnectionMetrics.Refused);
        }

        return admitted;
    }

    /// <summary>Forgets a connection that is closed; does nothing when it is forgotten.</summary>
    public void Remove(TrackedConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    private TrackedConnection? TakeLongestIdle()
    {
        while (_connections.Min is { } first)
        {
            var now = _time.GetTimestamp();
            if (first.Position > now)
            {
                break;
            }

            _connections.Remove(first);
            var isBusy = first.IsBusy;
            if (!isBusy && first.IdleSince == first.Position)
            {
                return first;
            }

            first.Position = isBusy ? now + _busyTicks : first.IdleSince;
            _connections.Add(first);
        }

        return null;
    }

    private void Closed(string reason)
    {
        _metrics.Closed(reason);
        _closed.Write(_limit);
    }

    private static partial class Log
    {
        [LoggerMessage(14, LogLevel.Warning, "The limit of {Limit} connections (MAX_CONNECTIONS) is reached: {Count} were closed since this was last logged, idle ones for new ones, or new ones where each had a request in progress.")]
        public static partial void Limit(ILogger logger, int limit, long count);
    }
}
