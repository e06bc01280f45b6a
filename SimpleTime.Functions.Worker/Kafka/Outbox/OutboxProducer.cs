using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The clients for one broker list and the settings of an output. Safe for use by several threads.</summary>
internal sealed class OutboxProducer : IAsyncDisposable
{
    // What a client cannot deliver is given to another partition, or another client, after this time.
    private const int MessageTimeoutMs = 30_000;
    private const int ProbeTimeoutMs = 10_000;

    private readonly Func<ProducerClient> _createSingle;
    private volatile ProducerClient? _single;
    private readonly long _maxBytes;
    private int _messages;
    private long _bytes;

    public OutboxProducer(
        ProducerProfile profile, KafkaClientFactory clients, ClientWatch watch, Action<ProducerClient> onEnded, TimeProvider time, ThrottledLog throttled,
        ILogger<OutboxProducer> logger)
    {
        Profile = profile;
        MaxMessages = Math.Max(1, clients.ProducerQueueMessages / 2);
        _maxBytes = clients.ProducerQueueKbytes * 1024L / 2;
        Main = Create(profile with { MessageTimeoutMs = Math.Min(profile.MessageTimeoutMs, MessageTimeoutMs) });
        _createSingle = () => Create(
            profile with { BatchSize = 1, LingerMs = 0, MessageTimeoutMs = Math.Min(profile.MessageTimeoutMs, ProbeTimeoutMs) });

        ProducerClient Create(ProducerProfile settings) => new(settings, clients, watch, onEnded, time, throttled, logger);
    }

    public ProducerProfile Profile { get; }

    /// <summary>Gets the most messages that the main client has: half of its queue, so that it never refuses one for want of room.</summary>
    public int MaxMessages { get; }

    /// <summary>Gets the client for batches.</summary>
    public ProducerClient Main { get; }

    /// <summary>Gets the client that sends each message in a batch of its own; null until it is needed.</summary>
    public ProducerClient? Single => _single;

    /// <summary>Returns whether the main client has room for a message. Needs the outbox's lock.</summary>
    public bool HasRoom(OutboxMessage message) =>
        _messages < MaxMessages && (_messages == 0 || _bytes + message.Value.Length <= _maxBytes);

    /// <summary>Counts a message that a client got. Needs the outbox's lock.</summary>
    public void Sent(OutboxMessage message) => Count(message, 1);

    /// <summary>Counts a message that its client is done with. Needs the outbox's lock.</summary>
    public void Ended(OutboxMessage message) => Count(message, -1);

    public void Start() => Main.Start();

    /// <summary>Makes the client that sends each message in a batch of its own, if there is none. One thread calls it.</summary>
    public void StartSingle()
    {
        if (_single is null)
        {
            _single = _createSingle();
            _single.Start();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync().ConfigureAwait(false);
        if (_single is { } single)
        {
            await single.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Count(OutboxMessage message, int sign)
    {
        if (message.Client == Main)
        {
            _messages += sign;
            _bytes += sign * message.Value.Length;
        }
    }
}
