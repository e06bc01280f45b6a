using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Takes messages for one broker list without ever blocking: the client's queue while Kafka is up, the spool otherwise. Safe for
/// use by several threads.
/// </summary>
internal sealed class OutputProducer : IAsyncDisposable
{
    // As many as a client's queue has, which is what can come to wait at once.
    private const int MaxWaiting = 20_000;
    private const long MaxWaitingBytes = 32 << 20;

    private readonly PendingMessages _pending = new();
    private readonly WaitingMessages _waiting = new(MaxWaiting, MaxWaitingBytes);
    private readonly Stragglers _stragglers;
    private readonly OutputSpool _spool;
    private readonly OutputMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ProducerClient _client;
    private volatile bool _isEnding;

    public OutputProducer(
        ProducerProfile profile,
        KafkaClientFactory clients,
        ClientWatch watch,
        OutputSpool spool,
        OutputMetrics metrics,
        TimeProvider time,
        ThrottledLog throttled,
        ILogger<OutputProducer> logger)
    {
        Profile = profile;
        _stragglers = new Stragglers(_pending, spool, time);
        _spool = spool;
        _metrics = metrics;
        _time = time;
        _client = new ProducerClient(profile, clients, watch, time, throttled, logger)
        {
            HasMessages = () => _pending.Count > 0,
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

    /// <summary>Takes back a message that the disk did not: into the client's queue, or to wait for room in it.</summary>
    public bool TryTakeBack(SpoolEntry entry)
    {
        var message = new PendingMessage(this, null, Profile.BrokerSetting, entry.Topic, entry.Value.ToArray(), _time.GetTimestamp())
        {
            Headers = entry.Headers,
            Replaces = PendingMessage.AcceptedLongAgo,
            IsWaiting = true,
        };
        if (SendAgain(message) is null)
        {
            return true;
        }

        // Added first: the end finds it, or it is seen here that the end has begun.
        _pending.Add(message);
        if (!_isEnding && _waiting.TryAdd(message))
        {
            return true;
        }

        lock (message)
        {
            // The end that found it has seen to it.
            return !_pending.Remove(message);
        }
    }

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
        if (!error.IsError)
        {
            _client.Worked();
        }

        _metrics.Acknowledged(message.Topic, _time.GetElapsedTime(message.AcceptedAt), error.IsError ? error.Code : null);
        lock (message)
        {
            if (!End(message, error))
            {
                _spool.TellDropped(error.Reason, 1);
            }
        }
    }

    /// <inheritdoc cref="Stragglers.Copy"/>
    public void CopyStragglers(TimeSpan? age = null) => _stragglers.Copy(age);

    /// <inheritdoc cref="Stragglers.Uncopied"/>
    public void Uncopied(IReadOnlySet<long> sequences) => _stragglers.Uncopied(sequences);

    /// <summary>Has the messages sent or spooled that nothing had room for. One thread at a time calls it.</summary>
    public void SendWaiting()
    {
        // Those that come to wait again meanwhile are for the next time.
        for (var left = _waiting.Count; left > 0 && _waiting.Peek() is { } message; left--)
        {
            lock (message)
            {
                if (message.IsPending && !IsSpooledNow(message) && SendAgain(message) is { } refusal)
                {
                    if (refusal.Code is ErrorCode.Local_QueueFull or ErrorCode.Local_State)
                    {
                        return;
                    }

                    // It is the message that is refused for now, and must not hold up the others.
                    _waiting.MoveFirstToEnd();
                    continue;
                }

                _waiting.RemoveFirst();
                _pending.Remove(message);
            }
        }
    }

    /// <summary>Waits until what was accepted so far is acknowledged.</summary>
    /// <returns>How many messages are still pending; 0 unless the time ran out.</returns>
    public async Task<long> WaitForAcknowledgementsAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var last = PendingMessages.LastSequence;
        while (true)
        {
            var left = timeout - _time.GetElapsedTime(started);
            var pending = await _pending.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken).ConfigureAwait(false);

            // Those that were sent again meanwhile come behind what was waited for.
            pending = Math.Max(pending, _pending.CountAccepted(last));
            if (pending == 0 || _time.GetElapsedTime(started) >= timeout)
            {
                return pending;
            }
        }
    }

    /// <summary>How many messages up to a sequence neither Kafka nor the spool has.</summary>
    public long CountUncopied(long upToSequence) => _pending.CountUncopied(upToSequence);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync().ConfigureAwait(false);
        _isEnding = true;
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
            var error = (e as KafkaException)?.Error ?? new Error(ErrorCode.Local_State, "the client is being replaced");
            _client.Refused(client, error);
            lock (message)
            {
                // Somebody else may have given it up already, and then it is cared for, if there was room.
                return !_pending.Remove(message) && fromSpool is null && !message.IsLost ? null : error;
            }
        }
    }

    /// <summary>Ends the wait for a message that its client is done with, whose lock the caller has.</summary>
    /// <returns>False when it is lost, and counted so.</returns>
    private bool End(PendingMessage message, Error error)
    {
        if (!message.IsPending || (message.IsWaiting && error.IsError && !_isEnding))
        {
            return true;
        }

        if (!(message.IsWaiting && error.IsError ? IsSpooledNow(message) : IsKept(message, error)))
        {
            if (!_isEnding && _waiting.TryAdd(message))
            {
                message.IsWaiting = true;
                return true;
            }

            message.IsLost = true;
            _spool.Lose(1);
        }

        // Removed last: a flush finds it here until it is somewhere else, or lost.
        _pending.Remove(message);
        return !message.IsLost;
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
        return IsSpooledNow(message)
            || (error.Code is ErrorCode.Local_MsgTimedOut or ErrorCode.Local_PurgeQueue && SendAgain(message) is null);
    }

    private bool IsSpooledNow(PendingMessage message) =>
        (message.IsSpooled && _spool.TryHandOver(message.Sequence))
        || _spool.TryAppend(message.BrokerSetting, message.Topic, message.Value, message.Headers);

    /// <summary>Hands a message to the client there is now.</summary>
    /// <returns>Why it does not take it; null when it did, or when Kafka never will.</returns>
    private Error? SendAgain(PendingMessage message)
    {
        var refusal = TryProduce(message.Topic, message.Value, message.Headers, replaces: message.AcceptedAs);
        if (refusal is null || !DeliveryErrors.IsPermanent(refusal))
        {
            return refusal;
        }

        _spool.Reject(message.Topic, message.Value, refusal);
        Done(message);
        return null;
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
        foreach (var message in _pending.FindAll(which))
        {
            lock (message)
            {
                lost += End(message, error) ? 0 : 1;
            }
        }

        if (lost > 0)
        {
            _spool.TellDropped(reason, lost);
        }
    }
}
