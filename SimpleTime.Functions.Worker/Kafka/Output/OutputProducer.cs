using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Takes messages for one broker list without ever blocking, and replaces its client when that failed for good.
/// Safe for use by several threads.
/// </summary>
internal sealed partial class OutputProducer(
    ProducerProfile profile, KafkaClientFactory clients, OutputMetrics metrics, TimeProvider time, ILogger<OutputProducer> logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    private readonly PendingMessages _pending = new();
    private readonly Throttle _failures = new(time);
    private readonly CancellationTokenSource _stopping = new();
    private volatile IProducer<Null, byte[]>? _client;
    private IProducer<Null, byte[]>? _failedClient;
    private Task _replacement = Task.CompletedTask;

    public string BrokerList => profile.BrokerList;

    /// <summary>Whether there is a client to take messages.</summary>
    public bool HasClient => _client is not null;

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
    /// <returns>Whether the message was accepted.</returns>
    public bool TryAccept(string topic, byte[] value)
    {
        if (_client is not { } client)
        {
            Failed("there is no client", 1);
            return false;
        }

        var message = new PendingMessage(this, client, topic, value);
        _pending.Add(message);
        try
        {
            client.Produce(topic, new Message<Null, byte[]> { Value = value }, message.OnDelivery);
            metrics.Accepted();
            return true;
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            if (_pending.Remove(message))
            {
                Failed(e is KafkaException kafka ? kafka.Error.Reason : "the client is being replaced", 1);
            }

            return false;
        }
    }

    public void OnDelivery(PendingMessage message, Error error)
    {
        if (!_pending.Remove(message))
        {
            return;
        }

        if (error.IsError)
        {
            Failed(error.Reason, 1);
        }
        else
        {
            metrics.Delivered();
        }
    }

    /// <summary>Waits until what was accepted so far is acknowledged.</summary>
    /// <returns>How many messages are still pending; 0 unless the time ran out.</returns>
    public Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken) => _pending.WaitAsync(timeout, time, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _replacement.ConfigureAwait(false);
        var client = _client;
        _client = null;
        GiveUp(_ => true, "the service stopped");
        client?.Dispose();
    }

    private bool TryCreate()
    {
        try
        {
            IProducer<Null, byte[]>? own = null;
            own = clients.CreateProducer(profile, error => OnError(Volatile.Read(ref own), error));
            _client = own;
            return true;
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            LogNotCreated(logger, SafeText.OneLine(e.Message, 512));
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
            LogFatal(logger, SafeText.OneLine(error.Reason, 512));
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
        for (var delay = _firstDelay; !_stopping.IsCancellationRequested; delay = delay * 2 < _longestDelay ? delay * 2 : _longestDelay)
        {
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
        if (_pending.RemoveAll(which) is { Count: > 0 } lost)
        {
            Failed(reason, lost.Count);
        }
    }

    private void Failed(string reason, int count)
    {
        metrics.Failed(count);
        if (_failures.TryEnter(count, out var total))
        {
            LogLost(logger, total, SafeText.OneLine(reason, 256));
        }
    }

    [LoggerMessage(30, LogLevel.Error, "{Count} messages for Kafka were lost in the last minute, the latest because: {Reason}")]
    private static partial void LogLost(ILogger logger, long count, string reason);

    [LoggerMessage(31, LogLevel.Error, "The Kafka producer failed for good and is replaced: {Reason}")]
    private static partial void LogFatal(ILogger logger, string reason);

    [LoggerMessage(32, LogLevel.Information, "There is a new Kafka producer for {BrokerList}.")]
    private static partial void LogReplaced(ILogger logger, string brokerList);

    [LoggerMessage(33, LogLevel.Error, "The Kafka producer cannot be made: {Reason}")]
    private static partial void LogNotCreated(ILogger logger, string reason);
}
