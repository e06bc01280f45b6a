using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Owns the client that a topic's monitor asks with, and replaces one that gets no answer. One thread owns it; another may use the
/// client through <see cref="TryUse"/>, and it is not disposed meanwhile.
/// </summary>
/// <param name="connect">Makes a client; gets what to tell of the client's errors.</param>
/// <param name="time">The clock.</param>
internal sealed class MonitorClient(Func<Action<Error>, IConsumer<Ignore, Ignore>> connect, TimeProvider time) : IDisposable
{
    // Longer than a connection and its handshake take, and shorter than anybody wants to wait for a client that lost all its brokers.
    private static readonly TimeSpan _firstTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestTimeout = TimeSpan.FromSeconds(60);

    // Held by whoever replaces or disposes the client, and by whoever uses it on another thread than the owner's.
    private readonly Lock _lock = new();
    private IConsumer<Ignore, Ignore>? _client;
    private IAdminClient? _admin;
    private volatile string? _error;
    private volatile bool _isLost;
    private TimeSpan _timeout = _firstTimeout;
    private long _quietSince;
    private bool _hasAnswered;

    /// <summary>Gets whether there is a client and neither it nor one before it has got an answer or told an error.</summary>
    public bool IsUntried => _client is not null && _error is null && !_hasAnswered;

    /// <summary>Asks for a topic's metadata, with a new client when there is none or the last one got no answer for a while.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <returns>The answer, or why there is none.</returns>
    /// <exception cref="KafkaException">A client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property of the client is wrong.</exception>
    public (Metadata? Answer, string? Problem) Ask(string topic, TimeSpan timeout)
    {
        Renew();

        // Also when all is well: a poll is when a client asks for its next token.
        TakeErrors();
        try
        {
            var metadata = _admin!.GetMetadata(topic, timeout);
            _quietSince = time.GetTimestamp();
            _timeout = _firstTimeout;
            _error = null;
            _hasAnswered = true;
            return (metadata, null);
        }
        catch (KafkaException e)
        {
            TakeErrors();
            return (null, _error ?? e.Error.Reason);
        }
    }

    /// <summary>Uses the client, which a replacement waits for: for calls that end soon.</summary>
    /// <param name="use">The use. It is over when this returns.</param>
    /// <param name="result">What it returned.</param>
    /// <returns>False when there is no client.</returns>
    public bool TryUse<T>(Func<IConsumer<Ignore, Ignore>, T> use, out T? result)
    {
        lock (_lock)
        {
            result = _client is null ? default : use(_client);
            return _client is not null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Disconnect();
        }
    }

    // A client may lose all its brokers for good: https://github.com/confluentinc/librdkafka/issues/5301.
    private void Renew()
    {
        if (_client is not null && !_isLost && time.GetElapsedTime(_quietSince) < _timeout)
        {
            return;
        }

        _isLost = false;
        _timeout = _client is null ? _firstTimeout : TimeSpan.FromTicks(Math.Min(_timeout.Ticks * 2, _longestTimeout.Ticks));
        _quietSince = time.GetTimestamp();
        lock (_lock)
        {
            Disconnect();
            var client = connect(Note);
            try
            {
                _admin = new DependentAdminClientBuilder(client.Handle).Build();
                _client = client;
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
    }

    private void Disconnect()
    {
        _admin?.Dispose();
        _admin = null;
        _client?.Dispose();
        _client = null;
    }

    // Untold, the client's errors would pile up in it; some it tells by an exception.
    private void TakeErrors()
    {
        try
        {
            _client!.Consume(TimeSpan.Zero);
        }
        catch (KafkaException e)
        {
            Note(e.Error);
        }
    }

    private void Note(Error error)
    {
        // That all brokers are down follows the error that says why.
        _error = error.Code == ErrorCode.Local_AllBrokersDown ? _error ?? error.Reason : error.Reason;
        _isLost |= error.IsFatal;
    }
}
