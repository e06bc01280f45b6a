namespace SimpleTime.Functions.Benchmarks.Comparing;

/// <summary>What one variant did in one round. Immutable.</summary>
/// <param name="RequestsPerSecond">Requests answered in a second.</param>
/// <param name="CpuPerRequest">Processor time of the server's process for each: microseconds, user and system, of all threads.</param>
/// <param name="Median">How long half of the answers took at the most: milliseconds.</param>
/// <param name="Slowest">How long 99 % of the answers took at the most: milliseconds.</param>
internal sealed record Measurement(double RequestsPerSecond, double CpuPerRequest, double Median, double Slowest);
