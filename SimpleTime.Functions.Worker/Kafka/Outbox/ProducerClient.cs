using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>A producing client: made, and made anew when it failed for good or lost its way to Kafka. Safe for use by several threads.</summary>
/// <param name="profile">The client's settings.</param>
/// <param name="clients">Makes it.</param>
/// <param name="watch">Tells when it does not reach Kafka while another client does.</param>
/// <param name="onEnded">Told of this when a client of it has ended, whose messages without a report have none any more. Must not block.</param>
/// <param name="time">The clock.</param>
/// <param name="throttled">Makes the lines of failures.</param>
/// <param name="logger">Told of each end and beginning.</param>
internal sealed partial class ProducerClient(
    ProducerProfile profile, KafkaClientFactory clients, ClientWatch watch, Action<ProducerClient> onEnded, TimeProvider time, ThrottledLog throttled,
    ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    // Of a client without any acknowledgement: something was handed over in this time and the one before, which WatchedClient looks after.
    private static readonly TimeSpan _recently = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly ThrottledLine<string> _failures =
        throttled.CreateLine<string>((reason, count) => Log.Fatal(logger, SafeText.OneLine(reason, 512), count));

    private readonly ThrottledLine<string> _creations =
        throttled.CreateLine<string>((reason, count) => Log.NotCreated(logger, SafeText.OneLine(reason, 512), count));

    private volatile IProducer<Null, byte[]>? _current;
    private IProducer<Null, byte[]>? _failed;
    private volatile WatchedClient? _watched;
    private Task _replacement = Task.CompletedTask;
    private long _delay = _firstDelay.Ticks;
    private long _sentAt;
    private long _acknowledgedAt;

    /// <summary>Gets whether there is a client to take messages.</summary>
    public bool IsUsable => _current is not null;

    /// <summary>Makes the client; when that fails, a background task goes on trying.</summary>
    public void Start()
    {
        if (!TryCreate())
        {
            lock (_lock)
            {
                _replacement = CreateWithBackoffAsync();
            }
        }
    }

    /// <summary>Hands a message to the client, without blocking.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition; -1 for whichever the client chooses.</param>
    /// <param name="value">The value.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <param name="onReport">Told how the delivery ended, on a thread of the client; not when the client ends before.</param>
    /// <returns>Why the client did not take it; null when it did.</returns>
    public Error? TrySend(string topic, int partition, byte[] value, Headers? headers, Action<DeliveryReport<Null, byte[]>> onReport)
    {
        if (_current is not { } client)
        {
            return new Error(ErrorCode.Local_State, "there is no client");
        }

        Volatile.Write(ref _sentAt, time.GetTimestamp());
        try
        {
            // Without a timestamp of its own, since Kafka may refuse an old one.
            client.Produce(new TopicPartition(topic, new Partition(partition)), new Message<Null, byte[]> { Value = value, Headers = headers }, onReport);
            return null;
        }
        catch (KafkaException e)
        {
            OnError(client, e.Error);
            return e.Error;
        }
        catch (ObjectDisposedException)
        {
            return new Error(ErrorCode.Local_State, "the client is being replaced");
        }
    }

    /// <summary>Says that Kafka took a message: the next failure is the first one again.</summary>
    public void Worked()
    {
        Volatile.Write(ref _delay, _firstDelay.Ticks);
        Volatile.Write(ref _acknowledgedAt, time.GetTimestamp());
        _watched?.Worked();
    }

    /// <summary>Ends the client. It takes no message any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopping;
        lock (_lock)
        {
            // Requested when this returns: no replacement begins any more.
            stopping = Task.WhenAll(_stopping.CancelAsync(), _replacement);
        }

        await stopping.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _current, null) is { } client)
        {
            End(client);
        }
    }

    private bool TryCreate()
    {
        try
        {
            IProducer<Null, byte[]>? own = null;
            own = clients.CreateProducer<Null>(profile, error => OnError(Volatile.Read(ref own), error));
            _watched = watch.Add(own.Handle, profile.BrokerList, HasCause, error => Replace(own, error));
            _current = own;
            return true;
        }
#pragma warning disable CA1031 // Whatever kept it from being made, there must be another.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _creations.Write(e.Message);
            return false;
        }
    }

    private bool HasCause()
    {
        var sentAt = Volatile.Read(ref _sentAt);
        return sentAt > Volatile.Read(ref _acknowledgedAt) && time.GetElapsedTime(sentAt) < _recently;
    }

    private void OnError(IProducer<Null, byte[]>? client, Error error)
    {
        if (client is not null && (error.IsFatal || error.Code == ErrorCode.Local_Fatal))
        {
            Replace(client, error);
        }
    }

    private void Replace(IProducer<Null, byte[]> client, Error error)
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested || client != _current || client == _failed)
            {
                return;
            }

            _failed = client;
            var previous = _replacement;
            _replacement = Task.Run(async () =>
            {
                await previous.ConfigureAwait(false);
                await ReplaceAsync(client).ConfigureAwait(false);
            });
        }

        _failures.Write(error.Reason);
    }

    private async Task ReplaceAsync(IProducer<Null, byte[]> client)
    {
        _current = null;

        // The reports of a failed client come at once, and whoever has it in hand is through by then.
        await Task.Delay(_firstDelay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        End(client);
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
                Log.Replaced(logger, SafeText.OneLine(profile.BrokerList, 512));
                return;
            }
        }
    }

    private void End(IProducer<Null, byte[]> client)
    {
        _watched?.Dispose();
        client.Dispose();

        // A client that is gone reports nothing.
        onEnded(this);
    }

    private static partial class Log
    {
        [LoggerMessage(31, LogLevel.Error, "The Kafka producer failed for good and is replaced ({Count} times since this was last logged): {Reason}")]
        public static partial void Fatal(ILogger logger, string reason, long count);

        [LoggerMessage(32, LogLevel.Information, "There is a new Kafka producer for {BrokerList}.")]
        public static partial void Replaced(ILogger logger, string brokerList);

        [LoggerMessage(33, LogLevel.Error, "The Kafka producer could not be made ({Count} times since this was last logged): {Reason}")]
        public static partial void NotCreated(ILogger logger, string reason, long count);
    }
}
