using System.Globalization;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>The outbox's messages and their states without disk or broker: a test says what the clients report, and what time it is.</summary>
internal sealed class OutboxRig : IDisposable, IAsyncDisposable
{
    private readonly TestClients _clients;
    private readonly ThrottledLog _throttled;

    /// <param name="queueMessages">The client's queue.</param>
    /// <param name="queueKbytes">Its size in KiB.</param>
    public OutboxRig(int queueMessages = 20_000, int queueKbytes = 32 * 1024)
    {
        _clients = new TestClients(
            ("librdkafka:queue.buffering.max.messages", queueMessages.ToString(CultureInfo.InvariantCulture)),
            ("librdkafka:queue.buffering.max.kbytes", queueKbytes.ToString(CultureInfo.InvariantCulture)));
        _throttled = new ThrottledLog(Time);
        Metering = new Metering(_clients.Meters);
        var metrics = new OutboxMetrics(_clients.Meters);
        var lines = new OutboxLines(metrics, _throttled, _clients.Loggers.CreateLogger<OutboxLines>());
        Messages = new OutboxMessages(_clients.Factory, Time);
        Unwritten = new UnwrittenMessages(Messages, Time);
        Outbox = new Worker.Kafka.Outbox.Outbox(Messages, metrics, lines, Time);
        Producer = new OutboxProducer(
            ProducerProfile.Of(new KafkaOutputAttribute("Brokers", ""), KafkaBrokers.Unreachable), _clients.Factory, _clients.Watch, Outbox.Requeue, Time,
            _throttled, _clients.Loggers.CreateLogger<OutboxProducer>());

        // Clients that never get a message.
        Producer.Start();
        Producer.StartSingle();
    }

    public FakeTimeProvider Time { get; } = new();

    public OutboxMessages Messages { get; }

    public UnwrittenMessages Unwritten { get; }

    public Worker.Kafka.Outbox.Outbox Outbox { get; }

    public OutboxProducer Producer { get; }

    public Metering Metering { get; }

    public LogLines Log => _clients.Logs;

    public long Now => Time.GetTimestamp();

    /// <summary>Adds a destination with a single partition, whichever that is, that has a leader.</summary>
    public OutboxDestination Add(string topic)
    {
        var destination = new OutboxDestination("Brokers", topic, Producer, null, Outbox.OnReport, Time);
        Outbox.Add(destination);
        Outbox.Update(destination);
        return destination;
    }

    /// <summary>Accepts a message.</summary>
    /// <returns>The message; null when it was refused.</returns>
    public OutboxMessage? TryAccept(OutboxDestination destination, int bytes = 100)
    {
        var isAccepted = Outbox.TryAccept(destination, new byte[bytes], null, out var ready);
        return ready ?? (isAccepted ? destination.Fresh.Last!.Value : null);
    }

    /// <summary>Accepts messages while Kafka takes none, so that they wait.</summary>
    public List<OutboxMessage> AcceptWaiting(OutboxDestination destination, int count, int bytes = 100)
    {
        destination.Windows.Update([]);
        return [.. Enumerable.Range(0, count).Select(_ => TryAccept(destination, bytes)!)];
    }

    /// <summary>Takes what is to be written, however large it is.</summary>
    public WriteBatch Take(OutboxDestination destination, bool isUrgent) => Unwritten.Take(destination, isUrgent, long.MaxValue, 1 << 20);

    /// <summary>Takes a message to be sent, which must be one.</summary>
    public OutboxMessage Take(OutboxDestination destination) => Outbox.Take(destination)!;

    /// <summary>Takes all messages that can be sent now.</summary>
    public List<OutboxMessage> TakeAll(OutboxDestination destination)
    {
        var taken = new List<OutboxMessage>();
        while (Outbox.Take(destination) is { } message)
        {
            taken.Add(message);
        }

        return taken;
    }

    /// <summary>Ends messages as acknowledged.</summary>
    public void Acknowledge(params IEnumerable<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            Outbox.OnReport(message, new Error(ErrorCode.NoError));
        }
    }

    /// <summary>Ends messages as failed.</summary>
    public void Fail(ErrorCode code, params IEnumerable<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            Outbox.OnReport(message, new Error(code, $"because of {code}"));
        }
    }

    /// <summary>Has time pass, and the outbox look.</summary>
    /// <returns>Why the destination counts as not taking messages; null while it does.</returns>
    public string? Pass(OutboxDestination destination, TimeSpan time)
    {
        Time.Advance(time);
        return Outbox.Update(destination).Writing.Problem;
    }

    /// <inheritdoc cref="Pass(OutboxDestination, TimeSpan)"/>
    public string? Pass(OutboxDestination destination, double seconds) => Pass(destination, TimeSpan.FromSeconds(seconds));

    public async ValueTask DisposeAsync()
    {
        await Producer.DisposeAsync();
        Dispose();
    }

    /// <summary>Disposes of everything but the clients.</summary>
    public void Dispose()
    {
        Metering.Dispose();
        _throttled.Dispose();
        _clients.Dispose();
    }
}
