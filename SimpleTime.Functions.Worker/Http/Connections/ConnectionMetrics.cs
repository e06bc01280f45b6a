using System.Diagnostics.Metrics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>The instruments of the server's connections. Safe for use by several threads.</summary>
internal sealed class ConnectionMetrics
{
    /// <summary>Why a connection was closed: it was the longest idle one when another came.</summary>
    public const string Evicted = "evicted";

    /// <summary>Why a connection was closed: it came when each other one had a request in progress.</summary>
    public const string Refused = "refused";

    private readonly Tally<string> _closed = new();

    public ConnectionMetrics(IMeterFactory factory)
    {
        // Both from 0 on, so that the first is seen as a rise.
        _closed.Add(Evicted, 0);
        _closed.Add(Refused, 0);
        factory.Create(WorkerMeter.Name).CreateObservableCounter(
            "functions.http.connections.closed",
            () => _closed.Measure(static reason => [new("reason", reason)]),
            "{connection}",
            "Connections that were closed since the limit was reached, by reason.");
    }

    /// <summary>Counts a connection.</summary>
    /// <param name="reason"><see cref="Evicted"/> or <see cref="Refused"/>.</param>
    public void Closed(string reason) => _closed.Add(reason);
}
