using System.Diagnostics;
using System.Diagnostics.Metrics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>The instruments of invocations, named by the semantic conventions for functions. Safe for use by several threads.</summary>
internal sealed class InvocationMetrics
{
    private static readonly InstrumentAdvice<double> _buckets = new() { HistogramBucketBoundaries = WorkerMeter.InvocationBuckets };

    private readonly Tally<RegisteredFunction> _invocations = new();
    private readonly Counter<long> _errors;
    private readonly Histogram<double> _duration;
    private readonly TimeProvider _time;

    public InvocationMetrics(IMeterFactory factory, TimeProvider time)
    {
        var meter = factory.Create(WorkerMeter.Name);
        meter.CreateObservableCounter(
            "faas.invocations", () => _invocations.Measure(Tags), "{invocation}", "Invocations that ended well, by function.");
        _errors = meter.CreateCounter<long>("faas.errors", "{error}", "Invocations that failed, by function and kind of failure.");
        _duration = meter.CreateHistogram("faas.invoke_duration", "s", "How long invocations took, by function.", null, _buckets);
        _time = time;
    }

    /// <summary>Gets a timestamp of the time provider.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Counts an invocation that ended.</summary>
    /// <param name="function">The function.</param>
    /// <param name="started">When it began: an earlier <see cref="Now"/>.</param>
    /// <param name="errorType">The kind of its failure; null when it ended well.</param>
    public void Ended(RegisteredFunction function, long started, string? errorType)
    {
        var tags = new TagList { { "faas.name", function.Name }, { "faas.trigger", function.TriggerKind } };
        if (errorType is null)
        {
            _invocations.Add(function);
        }
        else
        {
            tags.Add("error.type", errorType);
            _errors.Add(1, tags);
        }

        _duration.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
    }

    private static KeyValuePair<string, object?>[] Tags(RegisteredFunction function) =>
        [new("faas.name", function.Name), new("faas.trigger", function.TriggerKind)];
}
