using System.Globalization;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>How long the faults last: short in CI, longer with <c>SIMPLETIME_FAULTS=full</c>.</summary>
internal static class FaultScale
{
    /// <summary>Whether the full form is wanted.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("SIMPLETIME_FAULTS") == "full";

    /// <summary>The brokers of a real cluster; null unless the full form is given one.</summary>
    public static string? Cluster { get; } =
        IsFull && Environment.GetEnvironmentVariable("KAFKA_BROKERS") is { Length: > 0 } brokers ? brokers : null;

    public static TimeSpan Outage { get; } = TimeSpan.FromSeconds(IsFull ? 20 : 8);

    public static TimeSpan Lock { get; } = TimeSpan.FromSeconds(IsFull ? 15 : 5);

    public static int Kills { get; } = IsFull ? 20 : 4;

    public static int FuzzedRecords { get; } = IsFull ? 10_000 : 3_000;

    public static TimeSpan MemoryLoad { get; } = TimeSpan.FromSeconds(IsFull ? 60 : 10);

    /// <summary>How long everything at once lasts: <c>SIMPLETIME_SOAK_MINUTES</c>, or half an hour.</summary>
    public static TimeSpan Soak { get; } = TimeSpan.FromMinutes(
        double.TryParse(Environment.GetEnvironmentVariable("SIMPLETIME_SOAK_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? minutes : 30);

    /// <summary>Requests a second.</summary>
    public static int Rate => 200;
}
