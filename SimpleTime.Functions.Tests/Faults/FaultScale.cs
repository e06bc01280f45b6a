namespace SimpleTime.Functions.Tests.Faults;

/// <summary>How long the faults last: short in CI, longer with <c>SIMPLETIME_FAULTS=full</c>.</summary>
internal static class FaultScale
{
    private static readonly bool _isFull = Environment.GetEnvironmentVariable("SIMPLETIME_FAULTS") == "full";

    /// <summary>The brokers of a real cluster; null unless the full form is given one.</summary>
    public static string? Cluster { get; } =
        _isFull && Environment.GetEnvironmentVariable("KAFKA_BROKERS") is { Length: > 0 } brokers ? brokers : null;

    public static TimeSpan Outage { get; } = TimeSpan.FromSeconds(_isFull ? 20 : 8);

    public static TimeSpan Lock { get; } = TimeSpan.FromSeconds(_isFull ? 15 : 5);

    public static int Kills { get; } = _isFull ? 20 : 4;

    public static int FuzzedRecords { get; } = _isFull ? 10_000 : 3_000;

    public static TimeSpan MemoryLoad { get; } = TimeSpan.FromSeconds(_isFull ? 60 : 10);

    /// <summary>Requests a second.</summary>
    public static int Rate => 200;
}
