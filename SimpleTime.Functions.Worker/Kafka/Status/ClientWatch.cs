using Confluent.Kafka;
using Microsoft.Extensions.Hosting;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Finds clients that do not reach Kafka while a topic's monitor does, so that their owners replace them: a client may lose all its
/// brokers for good, when a cluster that is being rolled names none (https://github.com/confluentinc/librdkafka/issues/5301), and
/// tells nobody. Asks on a thread of its own. Safe for use by several threads.
/// </summary>
internal sealed class ClientWatch : IHostedService, IDisposable
{
    // Once would be a connection that just broke: the client makes another by itself.
    private const int Tolerated = 3;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    private readonly Func<string, string?> _findTopic;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private PeriodicThread? _thread;

    /// <param name="findTopic">Names a topic of a broker list for which Kafka answers now; null when it does for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="interval">How often each client is asked; 10 s when null.</param>
    public ClientWatch(Func<string, string?> findTopic, TimeProvider time, TimeSpan? interval = null)
    {
        _findTopic = findTopic;
        _time = time;
        _interval = interval ?? TimeSpan.FromSeconds(10);
    }

    /// <summary>Watches a client.</summary>
    /// <param name="handle">The client's.</param>
    /// <param name="brokerList">Its brokers.</param>
    /// <param name="onLost">Told once, with a fatal error, when it does not reach Kafka any more. Must not block.</param>
    /// <returns>Ends the watch; to be disposed before the client, and waits for a question to it, 2 s at the most.</returns>
    public IDisposable Add(Handle handle, string brokerList, Action<Error> onLost)
    {
        var entry = new Entry(this, handle, brokerList, onLost);
        lock (_lock)
        {
            _entries.Add(entry);
        }

        return entry;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new("kafka-clients", _interval, _time, Check);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _thread?.StopAsync(_stopTime) ?? Task.CompletedTask;

    public void Dispose() => _thread?.Dispose();

    private void Check(CancellationToken stopping)
    {
        Entry[] entries;
        lock (_lock)
        {
            entries = [.. _entries];
        }

        foreach (var entry in entries.TakeWhile(_ => !stopping.IsCancellationRequested))
        {
            entry.Check();
        }
    }

    private sealed class Entry(ClientWatch watch, Handle handle, string brokerList, Action<Error> onLost) : IDisposable
    {
        private readonly Lock _lock = new();
        private bool _isDisposed;
        private int _failures;

        public void Check()
        {
            lock (_lock)
            {
                if (!_isDisposed && _failures < Tolerated)
                {
                    _failures = IsLost() ? _failures + 1 : 0;
                    if (_failures == Tolerated)
                    {
                        onLost(new Error(ErrorCode.Local_AllBrokersDown, "it does not reach Kafka, which answers another client", isFatal: true));
                    }
                }
            }
        }

        public void Dispose()
        {
            lock (watch._lock)
            {
                watch._entries.Remove(this);
            }

            lock (_lock)
            {
                _isDisposed = true;
            }
        }

        private bool IsLost()
        {
            if (watch._findTopic(brokerList) is not { } topic)
            {
                return false;
            }

            try
            {
                using var admin = new DependentAdminClientBuilder(handle).Build();
                admin.GetMetadata(topic, _timeout);
                return false;
            }
            catch (KafkaException)
            {
                return watch._findTopic(brokerList) is not null;
            }
        }
    }
}
