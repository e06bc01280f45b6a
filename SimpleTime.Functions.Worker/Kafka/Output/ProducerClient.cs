using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// The client of a producer: made, and made anew when it failed for good or lost its way to Kafka. Safe for use by several threads.
/// </summary>
/// <param name="profile">The client's settings.</param>
/// <param name="clients">Makes it.</param>
/// <param name="watch">Tells when it does not reach Kafka while another client does.</param>
/// <param name="time">The clock.</param>
/// <param name="throttled">Makes the lines of failures.</param>
/// <param name="logger">Told of each end and beginning.</param>
internal sealed partial class ProducerClient(
    ProducerProfile profile, KafkaClientFactory clients, ClientWatch watch, TimeProvider time, ThrottledLog throttled, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly ThrottledLine<string> _failures =
        throttled.CreateLine<string>((reason, count) => LogFatal(logger, SafeText.OneLine(reason, 512), count));

    private readonly ThrottledLine<string> _creations =
        throttled.CreateLine<string>((reason, count) => LogNotCreated(logger, SafeText.OneLine(reason, 512), count));

    private volatile IProducer<Null, byte[]>? _current;
    private IProducer<Null, byte[]>? _failed;
    private volatile WatchedClient? _watched;
    private Task _replacement = Task.CompletedTask;
    private long _delay = _firstDelay.Ticks;

    /// <summary>Tells whether messages are on their way to Kafka. Must not block.</summary>
    public required Func<bool> HasMessages { get; init; }

    /// <summary>Waits, so long at the most, until every message of a failed client has its report.</summary>
    public required Func<TimeSpan, Task> WaitForReports { get; init; }

    /// <summary>Sees to the messages of a client that ends, for a reason, without having reported them. Must not throw.</summary>
    public required Action<IProducer<Null, byte[]>, string> GiveUp { get; init; }

    /// <summary>The client; null while there is none.</summary>
    public IProducer<Null, byte[]>? Current => _current;

    /// <summary>Makes the client; when that fails, a background task goes on trying.</summary>
    public void Start()
    {
        if (!TryCreate())
        {
            _replacement = CreateWithBackoffAsync();
        }
    }

    /// <summary>Says that Kafka took a message: the next failure is the first one again.</summary>
    public void Worked()
    {
        Volatile.Write(ref _delay, _firstDelay.Ticks);
        _watched?.Worked();
    }

    /// <summary>Says that a client did not take a message: one that failed for good is replaced, should it not have told so itself.</summary>
    public void Refused(IProducer<Null, byte[]> client, Error error) => OnError(client, error);

    /// <summary>Ends the client. Its messages are given up; none is taken any more.</summary>
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
            End(client, _watched, "the service stopped");
        }
    }

    private bool TryCreate()
    {
        try
        {
            IProducer<Null, byte[]>? own = null;
            own = clients.CreateProducer<Null>(profile, error => OnError(Volatile.Read(ref own), error));
            _watched = watch.Add(own.Handle, profile.BrokerList, HasMessages, error => Replace(own, error, () => ReplaceLostAsync(own)));
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

    private void OnError(IProducer<Null, byte[]>? client, Error error)
    {
        if (client is not null && (error.IsFatal || error.Code == ErrorCode.Local_Fatal))
        {
            Replace(client, error, () => ReplaceFailedAsync(client));
        }
    }

    private void Replace(IProducer<Null, byte[]> client, Error error, Func<Task> replace)
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
                await replace().ConfigureAwait(false);
            });
        }

        _failures.Write(error.Reason);
    }

    private async Task ReplaceFailedAsync(IProducer<Null, byte[]> client)
    {
        var watched = _watched;
        _current = null;
        // The reports of a failed client's messages come at once; what has none is given up.
        await WaitForReports(_firstDelay).ConfigureAwait(false);
        End(client, watched, "the client failed");
        await CreateWithBackoffAsync().ConfigureAwait(false);
    }

    // Nothing is wrong with its messages: the new client comes first and takes those that nothing else has room for.
    private async Task ReplaceLostAsync(IProducer<Null, byte[]> client)
    {
        var watched = _watched;
        var isReplaced = !_stopping.IsCancellationRequested && TryCreate();
        if (isReplaced)
        {
            LogReplaced(logger, profile.BrokerList);
        }
        else
        {
            _current = null;
        }

        // Whoever still has the old one in hand is through by then.
        await Task.Delay(_firstDelay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        End(client, watched, "the client failed");
        if (!isReplaced)
        {
            await CreateWithBackoffAsync().ConfigureAwait(false);
        }
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

    private void End(IProducer<Null, byte[]> client, WatchedClient? watched, string reason)
    {
        watched?.Dispose();
        GiveUp(client, reason);
        client.Dispose();

        // What somebody was just handing over: a client that is gone reports nothing.
        GiveUp(client, reason);
    }

    [LoggerMessage(31, LogLevel.Error, "The Kafka producer failed for good and is replaced ({Count} times since this was last logged): {Reason}")]
    private static partial void LogFatal(ILogger logger, string reason, long count);

    [LoggerMessage(32, LogLevel.Information, "There is a new Kafka producer for {BrokerList}.")]
    private static partial void LogReplaced(ILogger logger, string brokerList);

    [LoggerMessage(33, LogLevel.Error, "The Kafka producer could not be made ({Count} times since this was last logged): {Reason}")]
    private static partial void LogNotCreated(ILogger logger, string reason, long count);
}
