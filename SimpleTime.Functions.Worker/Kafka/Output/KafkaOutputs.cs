using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>The life of the enabled functions' Kafka outputs: producers, spool and what runs between them. Safe for use by several threads.</summary>
internal sealed class KafkaOutputs : IHostedService, IAsyncDisposable
{
    // SIGTERM to exit takes 15 s at the most; the requests and the consumers have the rest.
    private static readonly TimeSpan _flushTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _spoolTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stragglerInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _waitingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(20);

    private readonly OutputBindings _bindings;
    private readonly OutputSpool _spool;
    private readonly SpoolSender _sender;
    private readonly OutputMetrics _metrics;
    private readonly BackgroundLoops _loops;
    private readonly TimeProvider _time;
    private volatile IReadOnlyList<BackgroundLoop> _running = [];
    private int _isDisposed;

    public KafkaOutputs(OutputBindings bindings, OutputSpool spool, SpoolSender sender, OutputMetrics metrics, BackgroundLoops loops, TimeProvider time)
    {
        _bindings = bindings;
        _spool = spool;
        _sender = sender;
        _metrics = metrics;
        _loops = loops;
        _time = time;
        spool.OnUnwritten = entry => bindings.ProducerOf(entry)?.TryTakeBack(entry) == true;
        spool.OnUncopied = sequences =>
        {
            foreach (var producer in bindings.Producers)
            {
                producer.Uncopied(sequences);
            }
        };
        metrics.ObservePending(() => Pending);
    }

    /// <summary>Whether an enabled function has a Kafka output.</summary>
    public bool IsUsed => _bindings.Producers.Count > 0;

    /// <summary>Whether every producer has a client.</summary>
    public bool HaveClients => _bindings.Producers.All(producer => producer.HasClient);

    /// <summary>Gets the loops that run now.</summary>
    public IReadOnlyList<BackgroundLoop> Loops => _running;

    /// <summary>Messages accepted and not acknowledged, those in the spool included.</summary>
    public long Pending => _bindings.Producers.Sum(producer => (long)producer.Pending) + _spool.Count;

    public FunctionOutputs Of(RegisteredFunction function) => _bindings.Of(function);

    /// <summary>Waits until what was accepted so far is durable: acknowledged by Kafka or synced to the disk.</summary>
    /// <returns>How many messages are not; 0 unless the time ran out, or some were lost meanwhile.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var lostBefore = _spool.Lost;
        var last = PendingMessages.LastSequence;
        while (true)
        {
            while (Uncopied(last) > 0 && _time.GetElapsedTime(started) < timeout)
            {
                await Task.Delay(_pollInterval, _time, cancellationToken).ConfigureAwait(false);
            }

            // What is copied after this is no part of what the disk is waited for.
            var uncopied = Uncopied(last);
            var left = timeout - _time.GetElapsedTime(started);
            var isWritten = await _spool.Spool.FlushAsync(left > _pollInterval ? left : _pollInterval).ConfigureAwait(false);

            // Counted after: what the disk did not take is with its client alone again.
            var pending = Math.Max(uncopied, Uncopied(last));
            if (isWritten && pending == 0)
            {
                return _spool.Lost - lostBefore;
            }

            if (_time.GetElapsedTime(started) >= timeout)
            {
                return (isWritten ? pending : Math.Max(Math.Max(pending, _spool.Count), 1)) + _spool.Lost - lostBefore;
            }

            await Task.Delay(_pollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until Kafka has everything, what is in the spool too.</summary>
    public async Task DrainAsync(TimeSpan timeout)
    {
        var started = _time.GetTimestamp();
        while (Pending > 0 && _time.GetElapsedTime(started) < timeout)
        {
            await Task.Delay(_pollInterval, _time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsUsed)
        {
            return Task.CompletedTask;
        }

        _metrics.Begin();
        _spool.Spool.Start();
        foreach (var producer in _bindings.Producers)
        {
            producer.Start();
        }

        _running =
        [
            _loops.Run("kafka-stragglers", _stragglerInterval, _ => ForEach(producer => producer.CopyStragglers())),
            _loops.Run("kafka-waiting", _waitingInterval, _ => ForEach(producer => producer.SendWaiting())),
            _loops.Run("kafka-spool", TimeSpan.Zero, _sender.SendNextAsync),
        ];
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_bindings.Producers.Where(_bindings.IsUp).Select(p => p.WaitForAcknowledgementsAsync(_flushTime, CancellationToken.None)))
            .ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (var loop in _running)
        {
            loop.Dispose();
        }

        foreach (var producer in _bindings.Producers)
        {
            // What is still unacknowledged goes to the spool.
            producer.CopyStragglers(TimeSpan.Zero);
        }

        await _spool.Spool.FlushAsync(_spoolTime).ConfigureAwait(false);
        foreach (var producer in _bindings.Producers)
        {
            await producer.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_running.Select(loop => loop.StopAsync(Timeout.InfiniteTimeSpan))).ConfigureAwait(false);
        await _spool.DisposeAsync().ConfigureAwait(false);
    }

    private long Uncopied(long last) => _bindings.Producers.Sum(producer => producer.CountUncopied(last));

    private Task ForEach(Action<OutputProducer> action)
    {
        foreach (var producer in _bindings.Producers)
        {
            action(producer);
        }

        return Task.CompletedTask;
    }
}
