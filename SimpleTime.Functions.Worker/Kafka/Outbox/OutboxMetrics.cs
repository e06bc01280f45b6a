using System.Diagnostics;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>The instruments of the Kafka output. Safe for use by several threads.</summary>
internal sealed class OutboxMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _spooled;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _dropped;
    private readonly Tally<(string Topic, ErrorCode? Error)> _sent = new();
    private readonly Histogram<double> _sending;
    private readonly Meter _meter;

    public OutboxMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(WorkerMeter.Name);
        _accepted = _meter.CreateCounter<long>("functions.kafka.output.accepted", "{message}", "Messages the Kafka output took.");
        _delivered = _meter.CreateCounter<long>("functions.kafka.output.delivered", "{message}", "Messages Kafka acknowledged.");
        _failed = _meter.CreateCounter<long>("functions.kafka.output.failed", "{message}", "Deliveries that failed; the messages are sent again.");
        _spooled = _meter.CreateCounter<long>("functions.kafka.output.spooled", "{message}", "Messages written to a file of the outbox.");
        _rejected = _meter.CreateCounter<long>("functions.kafka.output.rejected", "{message}", "Messages that Kafka refused for good.");
        _dropped = _meter.CreateCounter<long>("functions.kafka.output.dropped", "{message}", "Messages that neither Kafka nor the outbox has: there was no room to accept them, or they were lost afterwards.");
        _meter.CreateObservableCounter(
            "messaging.client.sent.messages",
            () => _sent.Measure(key => Tags(key.Topic, key.Error)),
            "{message}",
            "Messages that a client sent, and how that ended.");
        _sending = WorkerMeter.CreateOperationDuration(_meter);
    }

    /// <summary>Begins the counts at 0, so that the first event is seen as a rise; call it once somebody listens.</summary>
    public void Begin()
    {
        foreach (var counter in (Counter<long>[])[_accepted, _delivered, _failed, _spooled, _rejected, _dropped])
        {
            counter.Add(0);
        }
    }

    /// <summary>Counts a message that a client is done with.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="duration">How long the client had it.</param>
    /// <param name="error">Why it was not delivered; null when it was.</param>
    public void Sent(string topic, TimeSpan duration, ErrorCode? error)
    {
        _sent.Add((topic, error));
        if (error is null)
        {
            _delivered.Add(1);
        }

        if (_sending.Enabled)
        {
            _sending.Record(duration.TotalSeconds, Tags(topic, error));
        }
    }

    public void Accepted() => _accepted.Add(1);

    public void Failed() => _failed.Add(1);

    public void Written(long count) => _spooled.Add(count);

    public void Rejected() => _rejected.Add(1);

    public void Dropped(long count) => _dropped.Add(count);

    public void ObserveFiles(Func<long> bytes) =>
        _meter.CreateObservableUpDownCounter("functions.kafka.output.spool.size", bytes, "By", "The size of the outbox's files.");

    public void ObservePending(Func<long> pending) =>
        _meter.CreateObservableUpDownCounter("functions.kafka.output.pending", pending, "{message}", "Messages accepted and not acknowledged.");

    public void ObserveAge(Func<TimeSpan> oldest) => _meter.CreateObservableGauge(
        "functions.kafka.output.pending_age",
        () => oldest().TotalSeconds,
        "s",
        "The age of the oldest message that is accepted and not acknowledged, in memory or in a file; 0 when there is none.");

    private static TagList Tags(string topic, ErrorCode? error)
    {
        var tags = new TagList
        {
            { "messaging.system", "kafka" },
            { "messaging.operation.name", "send" },
            { "messaging.destination.name", topic },
        };
        if (error is { } code)
        {
            tags.Add("error.type", code.ToString());
        }

        return tags;
    }
}
