using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Takes messages for one broker list without ever blocking: the client's queue while Kafka is up, the spool otherwise. Replaces
/// its client when that failed for good. Safe for use by several threads.
/// </summary>
internal sealed partial class OutputProducer(
    ProducerProfile profile, KafkaClientFactory clients, OutputSpool spool, OutputMetrics metrics, TimeProvider time, ILogger<OutputProducer> logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    // With the linger (50 ms) and the spool's own write this keeps what kill -9 may take below 200 ms.
    private static readonly TimeSpan _stragglerAge = TimeSpan.FromMilliseconds(100);

    private readonly PendingMessages _pending = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile IProducer<Null, byte[]>? _client;
    private IProducer<Null, byte[]>? _failedClient;
    private readonly Throttle _failures = new(time);
    private readonly Throttle _creations = new(time);
    private Task _replacement = Task.CompletedTask;
    private long _delay = _firstDelay.Ticks;

    public ProducerProfile Profile => profile;

    /// <summary>Whether there is a client to take messages.</summary>
    public bool HasClient => _client is not null;

    /// <summary>Messages that a client has and Kafka has not acknowledged.</summary>
    public int Pending => _pending.Count;

    /// <summary>Makes the client; when that fails, a background task goes on trying.</summary>
    public void Start()
    {
        if (!TryCreate())
        {
            _replacement = CreateWithBackoffAsync();
        }
    }

    /// <summary>Takes a message. Never blocks and never throws.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="value">The value.</param>
    /// <param name="isUp">Whether Kafka answers for the topic.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <returns>Whether the message was accepted.</returns>
    public bool TryAccept(string topic, byte[] value, bool isUp, Headers? headers = null)
    {
        Error? refusal = null;
        if (isUp || !spool.IsUsable)
        {
            refusal = TryProduce(topic, value, headers, null);
            if (refusal is null)
            {
                metrics.Accepted();
                return true;
            }

            if (DeliveryErrors.IsPermanent(refusal))
            {
                spool.Reject(topic, value, refusal);
                return false;
            }
        }

        if (spool.TryAppend(profile.BrokerSetting, topic, value, headers))
        {
            metrics.Accepted();
            return true;
        }

        spool.Dropped(refusal?.Reason ?? "the spool is full", 1);
        return false;
    }

    /// <summary>Takes a message into the client's queue, whatever the state of Kafka.</summary>
    public bool TryQueue(SpoolEntry entry) => TryProduce(entry.Topic, entry.Value.ToArray(), entry.Headers, null) is null;

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
        metrics.Acknowledged(message.Topic, time.GetElapsedTime(message.AcceptedAt), error.IsError ? error.Code : null);
        lock (message)
        {
            if (_pending.Remove(message) && !IsKept(message, error))
            {
                spool.Dropped(error.Reason, 1);
            }
        }
    }

    /// <summary>Copies to the spool what Kafka has not acknowledged for a while, so that it outlives this process.</summary>
    public void CopyStragglers(TimeSpan? age = null)
    {
        var acceptedBefore = time.GetTimestamp() - (long)((age ?? _stragglerAge).TotalSeconds * time.TimestampFrequency);
        while (spool.IsUsable && _pending.NextStraggler(acceptedBefore) is { } message)
        {
            lock (message)
            {
                // What comes from the spool is there already; a copy of it would wait for ever.
                if (message.IsSpooled || !message.IsPending)
                {
                    continue;
                }

                var refusal = spool.Copy(message);
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
        _pending.WaitAsync(timeout, time, cancellationToken);

    /// <summary>How many messages up to a sequence neither Kafka nor the spool has.</summary>
    public long CountUncopied(long upToSequence) => _pending.CountUncopied(upToSequence);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _replacement.ConfigureAwait(false);
        var client = Interlocked.Exchange(ref _client, null);
        GiveUp(_ => true, "the service stopped");
        client?.Dispose();

        // What somebody was just handing over: a client that is gone reports nothing.
        GiveUp(_ => true, "the service stopped");
    }

    private Error? TryProduce(string topic, byte[] value, Headers? headers, TaskCompletionSource<Error>? fromSpool)
    {
        if (_client is not { } client)
        {
            return new Error(ErrorCode.Local_State, "there is no client");
        }

        var message = new PendingMessage(this, client, profile.BrokerSetting, topic, value, time.GetTimestamp())
        {
            Headers = headers,
            FromSpool = fromSpool,
            IsSpooled = fromSpool is not null,
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
            Volatile.Write(ref _delay, _firstDelay.Ticks);
            metrics.Delivered();
            Done(message);
            return true;
        }

        metrics.Failed();
        if (DeliveryErrors.IsPermanent(error))
        {
            spool.Reject(message.Topic, message.Value, error);
            Done(message);
            return true;
        }

        // The client again when nothing else has room: its queue has, and the outage is longer than one time-out.
        return (message.IsSpooled && spool.TryHandOver(message.Sequence))
            || spool.TryAppend(message.BrokerSetting, message.Topic, message.Value, message.Headers)
            || (error.Code == ErrorCode.Local_MsgTimedOut && TryProduce(message.Topic, message.Value, message.Headers, null) is null);
    }

    private void Done(PendingMessage message)
    {
        if (message.IsSpooled)
        {
            spool.Acknowledged(message.Sequence);
        }
    }

    private bool TryCreate()
    {
        try
        {
            IProducer<Null, byte[]>? own = null;
            own = clients.CreateProducer<Null>(profile, error => OnError(Volatile.Read(ref own), error));
            _client = own;
            return true;
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            if (_creations.TryEnter(1, out _))
            {
                LogNotCreated(logger, SafeText.OneLine(e.Message, 512));
            }

            return false;
        }
    }

    private void OnError(IProducer<Null, byte[]>? client, Error error)
    {
        if (!error.IsFatal || client is null || client != _client)
        {
            return;
        }

        if (Interlocked.Exchange(ref _failedClient, client) != client)
        {
            if (_failures.TryEnter(1, out var count))
            {
                LogFatal(logger, SafeText.OneLine(error.Reason, 512), count);
            }

            _replacement = Task.Run(() => ReplaceAsync(client));
        }
    }

    private async Task ReplaceAsync(IProducer<Null, byte[]> client)
    {
        _client = null;
        // The reports of a failed client's messages come at once; what has none is given up.
        await _pending.WaitAsync(_firstDelay, time, CancellationToken.None).ConfigureAwait(false);
        GiveUp(message => message.Client == client, "the client failed");
        client.Dispose();
        await CreateWithBackoffAsync().ConfigureAwait(false);
    }

    private async Task CreateWithBackoffAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            // It grows from one client to the next, until Kafka takes a message of one: a client can be made that cannot do anything.
            var delay = TimeSpan.FromTicks(Volatile.Read(ref _delay));
            Volatile.Write(ref _delay, Math.Min(delay.Ticks * 2, _longestDelay.Ticks));
            await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stopping.IsCancellationRequested && TryCreate())
            {
                LogReplaced(logger, profile.BrokerList);
                return;
            }
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
            spool.Dropped(reason, lost);
        }
    }

    [LoggerMessage(31, LogLevel.Error, "The Kafka producer failed for good and is replaced ({Count} times since this was last logged): {Reason}")]
    private static partial void LogFatal(ILogger logger, string reason, long count);

    [LoggerMessage(32, LogLevel.Information, "There is a new Kafka producer for {BrokerList}.")]
    private static partial void LogReplaced(ILogger logger, string brokerList);

    [LoggerMessage(33, LogLevel.Error, "The Kafka producer cannot be made: {Reason}")]
    private static partial void LogNotCreated(ILogger logger, string reason);
}
