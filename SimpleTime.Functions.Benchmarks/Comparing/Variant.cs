namespace SimpleTime.Functions.Benchmarks.Comparing;

/// <summary>One of the things that are compared. Immutable.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="Settings">The settings of the service; null for the bare API.</param>
/// <param name="IsOther">Whether it is the other build of the service.</param>
internal sealed record Variant(string Name, IReadOnlyDictionary<string, string>? Settings, bool IsOther = false)
{
    /// <summary>What the others are compared with.</summary>
    public const string BaseName = "everything off";

    /// <summary>The other build's name, with which this one is compared.</summary>
    public const string OtherName = "the other build";

    /// <summary>All variants; where there is another build, it and this one alone, with metrics.</summary>
    /// <param name="options">How they are compared.</param>
    /// <param name="sink">The address of the OTLP sink.</param>
    public static IReadOnlyList<Variant> All(BenchmarkOptions options, string sink) => options.Against is null ? All(sink) :
    [
        new("this build", new Dictionary<string, string>()),
        new(OtherName, new Dictionary<string, string>(), IsOther: true),
    ];

    private static IReadOnlyList<Variant> All(string sink) =>
    [
        new("bare minimal API", null),
        new(BaseName, new Dictionary<string, string> { ["OTEL_SDK_DISABLED"] = "true" }),
        new("metrics", new Dictionary<string, string>()),
        Traced("metrics, logs, traces at 10 %", sink, "0.1"),
        Traced("metrics, logs, traces at 100 %", sink, "1"),
    ];

    private static Variant Traced(string name, string sink, string ratio) => new(name, new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink,
        ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
        ["OTEL_TRACES_SAMPLER_ARG"] = ratio,
    });
}
