using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Spool;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Takes messages for one broker list without ever blocking: the client's queue while Kafka is up, the spool otherwise. Safe for
/// use by several threads.
/// </summary>
internal sealed class OutputProducer : IAsyncDisposable
{
    // With the linger (50 ms) and the spool's own write this keeps what kill -9 may take below 200 ms.
    private static readonly TimeSpan _stragglerAge = TimeSpan.FromMilliseconds(100);

    private readonly PendingMessages _pending = new();
    private readonly OutputSpool _spool;
    private readonly OutputMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ProducerClient _client;

    public OutputProducer(
        ProducerProfile profile,
        KafkaClientFactory clients,
        ClientWatch watch,
        OutputSpool spool,
        OutputMetrics metrics,
        TimeProvider time,
        ILogger<OutputProducer> logger)
    {
        Profile = profile;
        _spool = spool;
        _metrics = metrics;
        _time = time;
        _client = new ProducerClient(profile, clients, watch, time, logger)
        {
            WaitForReports = timeout => _pending.WaitAsync(timeout, time, CancellationToken.None),
            GiveUp = (client, reason) => GiveUp(message => message.Client == client, reason),
        };
    }

    public ProducerProfile Profile { get; }

    /// <summary>Whether there is a client to take messages.</summary>
    public bool HasClient => _client.Current is not null;

    /// <summary>Messages that a client has and Kafka has not acknowledged.</summary>
    public int Pending => _pending.Count;

    /// <summary>Makes the client; when that fails, a background task goes on trying.</summary>
    public void Start() => _client.Start();

    /// <summary>Takes a message. Never blocks and never throws.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="value">The value.</param>
    /// <param name="isUp">Whether Kafka answers for the topic.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <returns>Whether the message was accepted.</returns>
    public bool TryAccept(string topic, byte[] value, bool isUp, Headers? headers = null)
    {
        Error? refusal = null;
        if (isUp || !_spool.IsUsable)
        {
            refusal = TryProduce(topic, value, headers);
            if (refusal is null)
            {
                _metrics.Accepted();
                return true;
            }

            if (DeliveryErrors.IsPermanent(refusal))
            {
                _spool.Reject(topic, value, refusal);
                return false;
            }
        }

        if (_spool.TryAppend(Profile.BrokerSetting, topic, value, headers))
        {
            _metrics.Accepted();
            return true;
        }

        _spool.Dropped(refusal?.Reason ?? "the spool is full", 1);
        return false;
    }

    /// <summary>Takes a message into the client's queue, whatever the state of Kafka.</summary>
    public bool TryQueue(SpoolEntry entry) => TryProduce(entry.Topic, entry.Value.ToArray(), entry.Headers) is null;

    /// <summary>Sends a message of the spool.</summary>
    /// <returns>How its delivery ended; null when the client does not take it now.</returns>
    public Task<Error>? Send(SpoolEntry entry)
    {
        var end = new TaskCompletionSource<Error>(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryProduce(entry.Topic, entry.Value.ToArray(), entry.Headers, end) switch
        {
            null => end.Task,
            var refusal when DeliveryErrors.IsPermanent(refusal) => Task.FromResult(refusal),
            _ => null,
        };
    }

    public void OnDelivery(PendingMessage message, Error error)
    {
        _metrics.Acknowledged(message.Topic, _time.GetElapsedTime(message.AcceptedAt), error.IsError ? error.Code : null);
        lock (message)
        {
            if (_pending.Remove(message) && !IsKept(message, error))
            {
                _spool.Dropped(error.Reason, 1);
            }
        }
    }

    /// <summary>Copies to the spool what Kafka has not acknowledged for a while, so that it outlives this process.</summary>
    public void CopyStragglers(TimeSpan? age = null)
    {
        var acceptedBefore = _time.GetTimestamp() - (long)((age ?? _stragglerAge).TotalSeconds * _time.TimestampFrequency);
        while (_spool.IsUsable && _pending.NextStraggler(acceptedBefore) is { } message)
        {
            lock (message)
            {
                // What comes from the spool is there already; a copy of it would wait for ever.
                if (message.IsSpooled || !message.IsPending)
                {
                    continue;
                }

                var refusal = _spool.Copy(message);
                message.IsSpooled = refusal == AppendRefusal.None;
                if (!message.IsSpooled && refusal != AppendRefusal.WrongSize)
                {
                    // There is no room now; it is the first again the next time.
                    _pending.ReturnStraggler(message);
                    return;
                }
            }
        }
    }

    /// <summary>Takes back that messages are copied, since the disk did not take them.</summary>
    public void Uncopied(IReadOnlySet<long> sequences)
    {
        foreach (var message in _pending.Find(sequences))
        {
            lock (message)
            {
                message.IsSpooled = false;
                _pending.ReturnStraggler(message);
            }
        }
    }

    /// <summary>Waits until what was accepted so far is acknowledged.</summary>
    /// <returns>How many messages are still pending; 0 unless the time ran out.</returns>
    public Task<long> WaitForAcknowledgementsAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _pending.WaitAsync(timeout, _time, cancellationToken);

    /// <summary>How many messages up to a sequence neither Kafka nor the spool has.</summary>
    public long CountUncopied(long upToSequence) => _pending.CountUncopied(upToSequence);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync().ConfigureAwait(false);
        GiveUp(_ => true, "the service stopped");
    }

    private Error? TryProduce(
        string topic, byte[] value, Headers? headers, TaskCompletionSource<Error>? fromSpool = null, long replaces = 0)
    {
        if (_client.Current is not { } client)
        {
            return new Error(ErrorCode.Local_State, "there is no client");
        }

        var message = new PendingMessage(this, client, Profile.BrokerSetting, topic, value, _time.GetTimestamp())
        {
            Headers = headers,
            FromSpool = fromSpool,
            IsSpooled = fromSpool is not null,
            Replaces = replaces,
        };
        _pending.Add(message);
        try
        {
            client.Produce(topic, new Message<Null, byte[]> { Value = value, Headers = headers }, message.OnDelivery);
            return null;
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            lock (message)
            {
                // Somebody else may have given it up already, and then it is cared for.
                return !_pending.Remove(message) && fromSpool is null ? null
                    : (e as KafkaException)?.Error ?? new Error(ErrorCode.Local_State, "the client is being replaced");
            }
        }
    }

    /// <summary>Sees to a message that its client is done with.</summary>
    /// <returns>False when nothing has it any more.</returns>
    private bool IsKept(PendingMessage message, Error error)
    {
        if (message.FromSpool is { } end)
        {
            end.TrySetResult(error);
            return true;
        }

        if (!error.IsError)
        {
            _client.Worked();
            _metrics.Delivered();
            Done(message);
            return true;
        }

        _metrics.Failed();
        if (DeliveryErrors.IsPermanent(error))
        {
            _spool.Reject(message.Topic, message.Value, error);
            Done(message);
            return true;
        }

        // A client again when nothing else has room: its queue has, and the outage is longer than one time-out.
        return (message.IsSpooled && _spool.TryHandOver(message.Sequence))
            || _spool.TryAppend(message.BrokerSetting, message.Topic, message.Value, message.Headers)
            || (error.Code is ErrorCode.Local_MsgTimedOut or ErrorCode.Local_PurgeQueue
                && TryProduce(message.Topic, message.Value, message.Headers, replaces: message.AcceptedAs) is null);
    }

    private void Done(PendingMessage message)
    {
        if (message.IsSpooled)
        {
            _spool.Acknowledged(message.Sequence);
        }
    }

    private void GiveUp(Predicate<PendingMessage> which, string reason)
    {
        var error = new Error(ErrorCode.Local_PurgeQueue, reason);
        var lost = 0;
        foreach (var message in _pending.RemoveAll(which))
        {
            lock (message)
            {
                lost += IsKept(message, error) ? 0 : 1;
            }
        }

        if (lost > 0)
        {
            _spool.Dropped(reason, lost);
        }
    }
}
