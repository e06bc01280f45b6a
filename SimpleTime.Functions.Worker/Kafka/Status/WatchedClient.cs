using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>A client that <see cref="ClientWatch"/> asks now and then whether it reaches Kafka. Safe for use by several threads.</summary>
internal sealed class WatchedClient : IDisposable
{
    // Once would be a connection that just broke: the client makes another by itself.
    private const int Tolerated = 3;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    private readonly Handle _handle;
    private readonly Func<string?> _findTopic;
    private readonly Action<Error> _onLost;
    private readonly Action<WatchedClient> _onDispose;
    private readonly Lock _lock = new();
    private volatile bool _hasWorked;
    private bool _isDisposed;
    private int _failures;

    /// <param name="handle">The client's.</param>
    /// <param name="findTopic">Names a topic for which Kafka answers another client now; null when it does for none.</param>
    /// <param name="onLost">Told once, with a fatal error, when it does not reach Kafka any more. Must not block.</param>
    /// <param name="onDispose">Told of the end of the watch.</param>
    public WatchedClient(Handle handle, Func<string?> findTopic, Action<Error> onLost, Action<WatchedClient> onDispose)
    {
        _handle = handle;
        _findTopic = findTopic;
        _onLost = onLost;
        _onDispose = onDispose;
    }

    /// <summary>Says that Kafka has just answered it: it need not be asked.</summary>
    public void Worked() => _hasWorked = true;

    /// <summary>Asks it, for 2 s at the most.</summary>
    public void Check()
    {
        lock (_lock)
        {
            if (_isDisposed || _failures == Tolerated)
            {
                return;
            }

            _failures = _hasWorked || !IsLost() ? 0 : _failures + 1;
            _hasWorked = false;
            if (_failures == Tolerated)
            {
                _onLost(new Error(ErrorCode.Local_AllBrokersDown, "it does not reach Kafka, which answers another client", isFatal: true));
            }
        }
    }

    /// <summary>Ends the watch: comes before the end of the client, and waits for a question to it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _onDispose(this);
    }

    private bool IsLost()
    {
        if (_findTopic() is not { } topic)
        {
            return false;
        }

        try
        {
            using var admin = new DependentAdminClientBuilder(_handle).Build();
            admin.GetMetadata(topic, _timeout);
            return false;
        }
        catch (KafkaException)
        {
            return _findTopic() is not null;
        }
    }
}
