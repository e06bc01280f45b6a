using System.Diagnostics.Metrics;
using SimpleTime.Functions.Persistence;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>What the service counts. Safe for use by several threads.</summary>
public sealed class ServiceMetrics
{
    /// <summary>The name of the service's meter.</summary>
    public const string MeterName = "SimpleTime.Functions";

    private static readonly string[] _tables = ["http_requests", "http_responses", "errors", "custom_events"];

    private readonly Counter<long> _rows;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _transactions;
    private readonly Gauge<long> _logSize;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, and owns it.</param>
    public ServiceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _rows = meter.CreateCounter<long>("simple_time.store.rows_written", "{row}", "Rows written, by table.");
        _duplicates = meter.CreateCounter<long>("simple_time.store.duplicates", "{record}", "Records that were stored already.");
        _deadLetters = meter.CreateCounter<long>("simple_time.store.dead_letters", "{record}", "Unreadable records kept as dead letters.");
        _failures = meter.CreateCounter<long>("simple_time.function.failures", "{failure}", "Invocations that failed, by function.");
        _logSize = meter.CreateGauge<long>("simple_time.store.wal.size", "By", "The write-ahead log of the SQLite file on the disk.");
        _transactions = meter.CreateHistogram(
            "simple_time.store.transaction.duration",
            "s",
            "How long storing a batch took.",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        meter.CreateObservableGauge(
            "simple_time.build.info",
            static () => new Measurement<int>(1, new("version", BuildInfo.Version), new("commit", BuildInfo.Commit)),
            description: "1; its attributes say which build this is.");
    }

    /// <summary>Begins the counts at 0, so that the first is seen as a rise; call it once somebody listens.</summary>
    internal void Begin()
    {
        Array.ForEach(_tables, table => _rows.Add(0, new KeyValuePair<string, object?>("table", table)));
        _deadLetters.Add(0);
        _duplicates.Add(0);
    }

    /// <summary>Counts a batch that was committed.</summary>
    /// <param name="batch">What the store did with it.</param>
    /// <param name="duration">How long that took.</param>
    public void Persisted(PersistSummary batch, TimeSpan duration)
    {
        _transactions.Record(duration.TotalSeconds);
        AddRows("http_requests", batch.HttpRequests);
        AddRows("http_responses", batch.HttpResponses);
        AddRows("errors", batch.Errors);
        AddRows("custom_events", batch.CustomEvents);
        Add(_deadLetters, batch.DeadLetters);
        Add(_duplicates, batch.Duplicates);
    }

    /// <summary>Counts an invocation that failed by no fault of its caller.</summary>
    /// <param name="function">The function's name.</param>
    internal void Failed(string function) => _failures.Add(1, new KeyValuePair<string, object?>("faas.name", function));

    /// <summary>Takes note of the size of the write-ahead log.</summary>
    /// <param name="bytes">The bytes on the disk.</param>
    internal void LogSize(long bytes) => _logSize.Record(bytes);

    private static void Add(Counter<long> counter, int count)
    {
        if (count > 0)
        {
            counter.Add(count);
        }
    }

    private void AddRows(string table, int count)
    {
        if (count > 0)
        {
            _rows.Add(count, new KeyValuePair<string, object?>("table", table));
        }
    }
}
