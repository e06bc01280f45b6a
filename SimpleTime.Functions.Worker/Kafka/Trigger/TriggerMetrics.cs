using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>The instruments of the Kafka trigger. Safe for use by several threads.</summary>
internal sealed class TriggerMetrics
{
    private static readonly InstrumentAdvice<double> _durations = new() { HistogramBucketBoundaries = WorkerMeter.DurationBuckets };
    private static readonly InstrumentAdvice<long> _sizes = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000] };

    private readonly Histogram<long> _batchSize;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _missed;
    private readonly Histogram<double> _processing;
    private readonly Histogram<double> _operations;
    private readonly Meter _meter;
    private readonly TimeProvider _time;

    public TriggerMetrics(IMeterFactory factory, TimeProvider time)
    {
        _time = time;
        _meter = factory.Create(WorkerMeter.Name);
        _batchSize = _meter.CreateHistogram("functions.kafka.trigger.batch.size", "{record}", "Records in a batch, by function.", null, _sizes);
        _retries = _meter.CreateCounter<long>("functions.kafka.trigger.retries", "{retry}", "Batches that were tried again, by function.");
        _consumed = _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records given to functions.");
        _missed = _meter.CreateCounter<long>(
            "functions.kafka.trigger.missed", "{record}", "Records that Kafka removed before a function got them, by partition.");
        _processing = _meter.CreateHistogram("messaging.process.duration", "s", "How long functions took with a batch.", null, _durations);
        _operations = WorkerMeter.CreateOperationDuration(_meter);
    }

    /// <summary>Counts an attempt that begins.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="records">How many records the batch has.</param>
    /// <param name="retry">The number of the retry; 0 for the first attempt.</param>
    public void Started(ListenerOptions listener, int records, int retry)
    {
        var function = Function(listener);
        if (retry > 0)
        {
            _retries.Add(1, function);
            return;
        }

        _batchSize.Record(records, function);
        _consumed.Add(records, Tags(listener, "poll"));
    }

    /// <summary>Counts an attempt that ended.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="started">When it began, as a timestamp of the time provider.</param>
    /// <param name="failure">Why it failed; null when it ended well.</param>
    public void Ended(ListenerOptions listener, long started, Exception? failure)
    {
        var tags = Tags(listener, "process");
        if (failure is not null)
        {
            tags.Add("error.type", failure.GetType().FullName);
        }

        _processing.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
    }

    /// <summary>Measures what a consumer asked of Kafka.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="operation">What it was: <c>poll</c> or <c>commit</c>.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public void Operated(ListenerOptions listener, string operation, TimeSpan duration, ErrorCode? error)
    {
        var tags = Tags(listener, operation);
        if (error is { } code)
        {
            tags.Add("error.type", code.ToString());
        }

        _operations.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Counts records that Kafka had no longer when they should have been read.</summary>
    public void Missed(ListenerOptions listener, Partition partition, long records) => _missed.Add(
        records,
        Function(listener),
        new("messaging.destination.name", listener.Topic),
        new("messaging.destination.partition.id", partition.Value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Lets the listeners be seen that take no records because of failures, and begins their counts at 0.</summary>
    public void Observe(IReadOnlyList<KafkaListener> listeners)
    {
        _meter.CreateObservableGauge(
            "functions.kafka.trigger.paused",
            () => listeners.Select(listener => new Measurement<long>(listener.State.PausedReason is null ? 0 : 1, Function(listener.Options))),
            description: "1 while a function takes no records because it fails.");
        foreach (var listener in listeners)
        {
            _retries.Add(0, Function(listener.Options));
        }
    }

    private static KeyValuePair<string, object?> Function(ListenerOptions listener) => new("faas.name", listener.Function);

    private static TagList Tags(ListenerOptions listener, string operation) => new()
    {
        { "messaging.system", "kafka" },
        { "messaging.operation.name", operation },
        { "messaging.destination.name", listener.Topic },
        { "messaging.consumer.group.name", listener.Group },
    };
}
