using System.Globalization;
using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Benchmarks.Comparing;

/// <summary>The outcome of a comparison as a Markdown table.</summary>
internal static class Report
{
    /// <summary>Writes the outcome: medians over the rounds, and the medians of the ratios to the base of the same round.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="options">How it was measured.</param>
    /// <param name="results">What was measured.</param>
    public static void Write(
        TextWriter output, BenchmarkOptions options, IReadOnlyList<(Variant Variant, IReadOnlyList<Measurement> Rounds)> results)
    {
        var off = results.Single(result => result.Variant.Name == (options.Against is null ? Variant.BaseName : Variant.OtherName)).Rounds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {(options.Native is null ? "JIT" : "native service")}: "
            + $"{options.Rounds} rounds of {options.Seconds} s each, {options.Connections} connections{(options.IsKafkaAway ? ", Kafka away" : "")}"));
        output.WriteLine();
        output.WriteLine($"| GET / | requests/s | CPU µs/request | p50 ms | p99 ms | requests/s to {(options.Against is null ? "off" : "other")} | CPU to {(options.Against is null ? "off" : "other")} (quartiles) |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var (variant, rounds) in results)
        {
            var throughput = rounds.Zip(off, (one, other) => one.RequestsPerSecond / other.RequestsPerSecond).ToArray();
            var cpu = rounds.Zip(off, (one, other) => one.CpuPerRequest / other.CpuPerRequest).ToArray();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {variant.Name} | {Median(rounds, r => r.RequestsPerSecond):0} | {Median(rounds, r => r.CpuPerRequest):0.0} | "
                + $"{Median(rounds, r => r.Median):0.00} | {Median(rounds, r => r.Slowest):0.00} | {Quantile(throughput, 0.5):0.00} | "
                + $"{Quantile(cpu, 0.5):0.00} ({Quantile(cpu, 0.25):0.00}–{Quantile(cpu, 0.75):0.00}) |"));
        }
    }

    private static double Median(IReadOnlyList<Measurement> rounds, Func<Measurement, double> value) => Quantile([.. rounds.Select(value)], 0.5);

    // Between two values, in proportion.
    private static double Quantile(double[] values, double part)
    {
        Array.Sort(values);
        var position = part * (values.Length - 1);
        var lower = (int)position;
        var upper = Math.Min(lower + 1, values.Length - 1);
        return values[lower] + ((position - lower) * (values[upper] - values[lower]));
    }
}
