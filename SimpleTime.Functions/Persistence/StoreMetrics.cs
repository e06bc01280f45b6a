using System.Diagnostics.Metrics;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>What the service counts of its store. Safe for use by several threads.</summary>
public sealed class StoreMetrics
{
    private readonly Counter<long> _rows;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLetters;
    private readonly Histogram<double> _transactions;
    private readonly Gauge<long> _logSize;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, and owns it.</param>
    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ServiceMetrics.MeterName);
        _rows = meter.CreateCounter<long>("simple_time.store.rows_written", "{row}", "Rows written, by table.");
        _duplicates = meter.CreateCounter<long>("simple_time.store.duplicates", "{record}", "Records that were stored already.");
        _deadLetters = meter.CreateCounter<long>("simple_time.store.dead_letters", "{record}", "Unreadable records kept as dead letters.");
        _logSize = meter.CreateGauge<long>("simple_time.store.wal.size", "By", "The write-ahead log of the SQLite file on the disk.");
        _transactions = meter.CreateHistogram(
            "simple_time.store.transaction.duration",
            "s",
            "How long storing a batch took.",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    /// <summary>Begins the counts at 0, so that the first is seen as a rise; call it once somebody listens.</summary>
    internal void Begin() => Count(default);

    /// <summary>Counts a batch that was committed.</summary>
    /// <param name="batch">What the store did with it.</param>
    /// <param name="duration">How long that took.</param>
    public void Persisted(PersistSummary batch, TimeSpan duration)
    {
        _transactions.Record(duration.TotalSeconds);
        Count(batch);
    }

    /// <summary>Takes note of the size of the write-ahead log.</summary>
    /// <param name="bytes">The bytes on the disk.</param>
    internal void LogSize(long bytes) => _logSize.Record(bytes);

    private void Count(PersistSummary batch)
    {
        AddRows(HttpRequestRow.Schema, batch.HttpRequests);
        AddRows(HttpResponseRow.Schema, batch.HttpResponses);
        AddRows(ErrorRow.Schema, batch.Errors);
        AddRows(CustomEventRow.Schema, batch.CustomEvents);
        _deadLetters.Add(batch.DeadLetters);
        _duplicates.Add(batch.Duplicates);
    }

    private void AddRows(StoreTable table, int count) => _rows.Add(count, new KeyValuePair<string, object?>("table", table.Name));
}
