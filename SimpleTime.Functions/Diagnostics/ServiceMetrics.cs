using System.Diagnostics.Metrics;
using SimpleTime.Functions.Storage;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>What the service counts. Safe for use by several threads.</summary>
public sealed class ServiceMetrics
{
    /// <summary>The name of the service's meter.</summary>
    public const string MeterName = "SimpleTime.Functions";

    private readonly Counter<long> _rows;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _failures;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, and owns it.</param>
    public ServiceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _rows = meter.CreateCounter<long>("simple_time.store.rows_written", "{row}", "Rows written, by table.");
        _duplicates = meter.CreateCounter<long>("simple_time.store.duplicates", "{record}", "Records that were stored already.");
        _deadLetters = meter.CreateCounter<long>("simple_time.store.dead_letters", "{record}", "Unreadable records kept as dead letters.");
        _failures = meter.CreateCounter<long>("simple_time.function.failures", "{failure}", "Invocations that failed, by function.");
    }

    /// <summary>Counts a batch that was committed.</summary>
    /// <param name="batch">What the store did with it.</param>
    public void Persisted(PersistSummary batch)
    {
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
