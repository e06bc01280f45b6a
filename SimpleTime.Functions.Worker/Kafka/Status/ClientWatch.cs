using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Finds clients that do not reach Kafka while a topic's monitor does, so that their owners replace them: a client may lose all its
/// brokers for good, when a cluster that is being rolled names none (https://github.com/confluentinc/librdkafka/issues/5301), and
/// tells nobody. Asks those alone that give cause, on a thread of its own. Safe for use by several threads.
/// </summary>
internal sealed class ClientWatch : IHostedService, IDisposable
{
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    private readonly Func<string, string?> _findTopic;
    private readonly BackgroundLoops _loops;
    private readonly TimeProvider _time;
    private readonly ClientWatchTimes _times;
    private readonly Lock _lock = new();
    private readonly List<WatchedClient> _clients = [];
    private BackgroundLoop? _loop;

    /// <param name="findTopic">Names a topic of a broker list for which Kafka answers now; null when it does for none.</param>
    /// <param name="loops">Runs its loop.</param>
    /// <param name="time">The clock.</param>
    /// <param name="times">The times; those of the service when null.</param>
    public ClientWatch(Func<string, string?> findTopic, BackgroundLoops loops, TimeProvider time, ClientWatchTimes? times = null)
    {
        _findTopic = findTopic;
        _loops = loops;
        _time = time;
        _times = times ?? ClientWatchTimes.Default;
    }

    /// <summary>Gets the loop that asks; null before the start.</summary>
    public BackgroundLoop? Loop => _loop;

    /// <summary>Watches a client until the answer's disposal, which comes before that of the client.</summary>
    /// <param name="handle">The client's.</param>
    /// <param name="brokerList">Its brokers.</param>
    /// <param name="hasCause">
    /// Tells whether something that Kafka should answer waits now: messages on their way, or records in partitions that the client
    /// reads. Must not block.
    /// </param>
    /// <param name="onLost">Told once, with a fatal error, when it does not reach Kafka any more. Must not block.</param>
    public WatchedClient Add(Handle handle, string brokerList, Func<bool> hasCause, Action<Error> onLost)
    {
        var client = new WatchedClient(handle, () => _findTopic(brokerList), hasCause, onLost, Remove, _times, _time);
        lock (_lock)
        {
            _clients.Add(client);
        }

        return client;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = _loops.RunOnThread("kafka-clients", _times.Interval, Check);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _loop?.StopAsync(_stopTime) ?? Task.CompletedTask;

    public void Dispose() => _loop?.Dispose();

    private void Check(CancellationToken stopping)
    {
        WatchedClient[] clients;
        lock (_lock)
        {
            clients = [.. _clients];
        }

        foreach (var client in clients.TakeWhile(_ => !stopping.IsCancellationRequested))
        {
            client.Check();
        }
    }

    private void Remove(WatchedClient client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
        }
    }
}
