using System.Diagnostics.Metrics;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>What the service counts of itself. Safe for use by several threads.</summary>
internal sealed class ServiceMetrics
{
    /// <summary>The name of the service's meter.</summary>
    public const string MeterName = "SimpleTime.Functions";

    private readonly Counter<long> _failures;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, and owns it.</param>
    public ServiceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _failures = meter.CreateCounter<long>("simple_time.function.failures", "{failure}", "Invocations that failed, by function.");
        meter.CreateObservableGauge(
            "simple_time.build.info",
            static () => new Measurement<int>(1, new("version", BuildInfo.Version), new("commit", BuildInfo.Commit)),
            description: "1; its attributes say which build this is.");
    }

    /// <summary>Counts an invocation that failed by no fault of its caller.</summary>
    /// <param name="function">The function's name.</param>
    public void Failed(string function) => _failures.Add(1, new KeyValuePair<string, object?>("faas.name", function));
}
