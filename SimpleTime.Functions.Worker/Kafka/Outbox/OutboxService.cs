using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The life of the outbox: its clients and the loops that send and write. Safe for use by several threads.</summary>
internal sealed class OutboxService : IHostedService, IAsyncDisposable
{
    // SIGTERM to exit takes 15 s at the most; the requests and the consumers have the rest.
    private static readonly TimeSpan _acknowledgementTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _writeTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _loopTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(20);

    private readonly OutboxDestinations _destinations;
    private readonly Outbox _outbox;
    private readonly OutboxSender _sender;
    private readonly OutboxWriter _writer;
    private readonly OutboxMetrics _metrics;
    private readonly OutboxLines _lines;
    private readonly BackgroundLoops _backgroundLoops;
    private readonly TimeProvider _time;
    private volatile BackgroundLoop? _sending;
    private volatile BackgroundLoop? _writing;
    private int _isDisposed;

    public OutboxService(
        OutboxDestinations destinations, Outbox outbox, OutboxSender sender, OutboxWriter writer, OutboxMetrics metrics,
        OutboxLines lines, BackgroundLoops backgroundLoops, TimeProvider time)
    {
        _destinations = destinations;
        _outbox = outbox;
        _sender = sender;
        _writer = writer;
        _metrics = metrics;
        _lines = lines;
        _backgroundLoops = backgroundLoops;
        _time = time;
        metrics.ObservePending(() => outbox.Pending);
    }

    /// <summary>Gets whether an enabled function has a Kafka output.</summary>
    public bool IsUsed => _destinations.Producers.Count > 0;

    /// <summary>Gets whether every producer has a client.</summary>
    public bool HaveClients => _destinations.Producers.All(producer => producer.Main.IsUsable);

    /// <summary>Gets the loops that run now.</summary>
    public IEnumerable<BackgroundLoop> Loops => new[] { _sending, _writing }.OfType<BackgroundLoop>();

    /// <summary>Gets how many messages are accepted and not acknowledged, those in files included.</summary>
    public long Pending => _outbox.Pending;

    /// <summary>Waits until what was accepted so far is durable: acknowledged by Kafka, or synced to the disk.</summary>
    /// <returns>How many messages are not; 0 unless the time ran out, or some were lost meanwhile.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var lostBefore = _outbox.Lost;
        var mark = _outbox.Mark();
        _writer.BeginFlush();
        try
        {
            await WaitAsync(() => _outbox.CountNotDurable(mark) == 0, timeout, cancellationToken).ConfigureAwait(false);
            return _outbox.CountNotDurable(mark) + _outbox.Lost - lostBefore;
        }
        finally
        {
            _writer.EndFlush();
        }
    }

    /// <summary>Waits until Kafka has everything that this process accepted.</summary>
    public Task DrainAsync(TimeSpan timeout) => WaitAsync(() => Pending == 0, timeout, CancellationToken.None);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsUsed)
        {
            return Task.CompletedTask;
        }

        _metrics.Begin();
        foreach (var producer in _destinations.Producers)
        {
            producer.Start();
        }

        _sending = _backgroundLoops.RunOnThread("kafka-outbox-sender", _interval, _ => _sender.Run());
        _writing = _backgroundLoops.RunOnThread("kafka-outbox-writer", TimeSpan.Zero, _ => _writer.Run());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(() => !_outbox.CanSendMore(), _acknowledgementTime, CancellationToken.None).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0 || _writing is null)
        {
            return;
        }

        await _sending!.StopAsync(_loopTime).ConfigureAwait(false);

        // What has no acknowledgement by now is written.
        _writer.BeginFlush();
        await WaitAsync(() => _outbox.CountNotDurable() == 0, _writeTime, CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAll(_destinations.Producers.Select(producer => producer.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _writing.StopAsync(_loopTime).ConfigureAwait(false);
        if (_writing.HasEnded)
        {
            _writer.Close();
        }

        if (_outbox.CountNotDurable() is > 0 and var lost)
        {
            _lines.Dropped("the service stopped, and the disk did not take them", lost);
        }
    }

    private async Task WaitAsync(Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (!condition() && _time.GetElapsedTime(started) < timeout)
        {
            await Task.Delay(_pollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
