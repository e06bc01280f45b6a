using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// A client that <see cref="ClientWatch"/> looks after: it is asked for metadata when it has had cause for a while and Kafka has not
/// answered it, and is lost when it has no connection for a while more. Safe for use by several threads.
/// </summary>
internal sealed class WatchedClient : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    private readonly Handle _handle;
    private readonly Func<string?> _findTopic;
    private readonly Func<bool> _hasCause;
    private readonly Action<Error> _onLost;
    private readonly Action<WatchedClient> _onDispose;
    private readonly ClientWatchTimes _times;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private volatile bool _hasWorked;
    private bool _isOver;
    private long _quietSince;
    private long? _unansweredSince;

    /// <param name="handle">The client's.</param>
    /// <param name="findTopic">Names a topic for which Kafka answers another client now; null when it does for none.</param>
    /// <param name="hasCause">Tells whether something that Kafka should answer waits now. Must not block.</param>
    /// <param name="onLost">Told once, with a fatal error, when it does not reach Kafka any more. Must not block.</param>
    /// <param name="onDispose">Told of the end of the watch.</param>
    /// <param name="times">How long it may be quiet, and unanswered.</param>
    /// <param name="time">The clock.</param>
    public WatchedClient(
        Handle handle,
        Func<string?> findTopic,
        Func<bool> hasCause,
        Action<Error> onLost,
        Action<WatchedClient> onDispose,
        ClientWatchTimes times,
        TimeProvider time)
    {
        _handle = handle;
        _findTopic = findTopic;
        _hasCause = hasCause;
        _onLost = onLost;
        _onDispose = onDispose;
        _times = times;
        _time = time;
        _quietSince = time.GetTimestamp();
    }

    /// <summary>Says that Kafka has just answered it: it need not be asked.</summary>
    public void Worked() => _hasWorked = true;

    /// <summary>Looks whether it has to be asked, and asks for 2 s at the most.</summary>
    public void Check()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            var now = _time.GetTimestamp();
            var isQuiet = !_hasWorked && _hasCause();
            _hasWorked = false;
            if (isQuiet && _time.GetElapsedTime(_quietSince, now) < _times.Quiet)
            {
                return;
            }

            if (!isQuiet || !IsUnreachable())
            {
                _quietSince = now;
                _unansweredSince = null;
                return;
            }

            _unansweredSince ??= now;
            if (_time.GetElapsedTime(_unansweredSince.Value, now) >= _times.Unanswered)
            {
                _isOver = true;
                _onLost(new Error(ErrorCode.Local_AllBrokersDown, "it does not reach Kafka, which answers another client", isFatal: true));
            }
        }
    }

    /// <summary>Ends the watch: comes before the end of the client, and waits for a question to it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        _onDispose(this);
    }

    /// <summary>Asks the client.</summary>
    /// <returns>
    /// Whether it has no connection while Kafka answers another client. One that waits for an answer has: brokers answer the requests
    /// of a connection one after the other, and hold some of them.
    /// </returns>
    private bool IsUnreachable()
    {
        if (_findTopic() is not { } topic)
        {
            return false;
        }

        try
        {
            // Makes a thread for a moment.
            using var admin = new DependentAdminClientBuilder(_handle).Build();
            admin.GetMetadata(topic, _timeout);
            return false;
        }
        catch (KafkaException e)
        {
            // rd_kafka_metadata: _TIMED_OUT once a connected broker was asked, _TRANSPORT when there was none.
            return e.Error.Code == ErrorCode.Local_Transport && _findTopic() is not null;
        }
    }
}
