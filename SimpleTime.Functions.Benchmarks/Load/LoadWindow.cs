using System.Diagnostics;

namespace SimpleTime.Functions.Benchmarks.Load;

/// <summary>What a server answered while it was asked for a while, by connections that each ask again when they have their answer.</summary>
internal sealed class LoadWindow
{
    private readonly long[] _latencies;

    private LoadWindow(long[] latencies, TimeSpan elapsed)
    {
        _latencies = latencies;
        Elapsed = elapsed;
    }

    /// <summary>How many requests were answered.</summary>
    public int Requests => _latencies.Length;

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Asks a server for a while.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="connections">How many connections ask.</param>
    /// <param name="time">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="IOException">A request was not answered with 200.</exception>
    public static async Task<LoadWindow> RunAsync(int port, int connections, TimeSpan time, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(AskAsync, cancellationToken))).ConfigureAwait(false);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var all = latencies.SelectMany(some => some).ToArray();
        Array.Sort(all);
        return new LoadWindow(all, elapsed);

        async Task<List<long>> AskAsync()
        {
            using var connection = new LoadConnection();
            await connection.ConnectAsync(port, cancellationToken).ConfigureAwait(false);
            var mine = new List<long>(16 * 1024);
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                var asked = Stopwatch.GetTimestamp();
                await connection.GetAsync(cancellationToken).ConfigureAwait(false);
                mine.Add(Stopwatch.GetTimestamp() - asked);
            }

            return mine;
        }
    }

    /// <summary>How long a part of the answers took at the most.</summary>
    /// <param name="part">The part, above 0 and up to 1.</param>
    public TimeSpan Percentile(double part) => Stopwatch.GetElapsedTime(0, _latencies[(int)Math.Ceiling(part * _latencies.Length) - 1]);
}
