using Microsoft.Extensions.Hosting;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>
/// Makes log lines that are written at most once a minute each, and at the end of the process writes what they still hold back. Safe for
/// use by several threads.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ThrottledLog(TimeProvider time) : IHostedService, IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Action> _heldBack = [];
    private bool _isEnded;

    /// <summary>Creates a line.</summary>
    /// <param name="write">
    /// Writes it: the latest of what happened, and how often it happened since the line was last written. Called on the thread of
    /// <see cref="ThrottledLine{TLatest}.Write"/> or of a timer.
    /// </param>
    /// <typeparam name="TLatest">What a line tells of the latest time; kept until the line is written.</typeparam>
    public ThrottledLine<TLatest> CreateLine<TLatest>(Action<TLatest, long> write) => new(this, time, write);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="Dispose"/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Writes what is held back; from now on nothing is. Calls after the first do nothing.</summary>
    public void Dispose()
    {
        Action[] heldBack;
        lock (_lock)
        {
            _isEnded = true;
            heldBack = [.. _heldBack];
        }

        Array.ForEach(heldBack, static flush => flush());
    }

    /// <summary>Remembers a line that holds something back, by what writes it.</summary>
    /// <returns>False when it is too late to hold anything back.</returns>
    internal bool TryHoldBack(Action flush)
    {
        lock (_lock)
        {
            return !_isEnded && _heldBack.Add(flush);
        }
    }

    /// <summary>Forgets a line that holds nothing back any more.</summary>
    internal void Forget(Action flush)
    {
        lock (_lock)
        {
            _heldBack.Remove(flush);
        }
    }
}
