using System.Diagnostics.Metrics;

namespace SimpleTime.Functions.Worker.Diagnostics;

internal static class WorkerMeter
{
    /// <summary>The name of the worker's meter and of its activity source.</summary>
    public const string Name = "SimpleTime.Functions.Worker";

    /// <summary>Seconds: those that the semantic conventions (1.44) have for requests.</summary>
    public static readonly double[] DurationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Seconds: the same behind finer ones, since most invocations take less than 0.1 ms.</summary>
    public static readonly double[] InvocationBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, .. DurationBuckets];

    private static readonly InstrumentAdvice<double> _durations = new() { HistogramBucketBoundaries = DurationBuckets };

    /// <summary>Returns the one instrument of what Kafka clients do; the meter gives everybody who asks the same.</summary>
    public static Histogram<double> CreateOperationDuration(Meter meter) => meter.CreateHistogram(
        "messaging.client.operation.duration",
        "s",
        "From a client's taking a message, or the offsets to commit, to Kafka's answer; of a poll, how long a batch took to come.",
        null,
        _durations);
}
