namespace SimpleTime.Functions.Benchmarks.Comparing;

/// <summary>One of the things that are compared. Immutable.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="Settings">The settings of the service; null for the bare API.</param>
internal sealed record Variant(string Name, IReadOnlyDictionary<string, string>? Settings)
{
    /// <summary>What the others are compared with.</summary>
    public const string BaseName = "everything off";

    /// <summary>All variants.</summary>
    /// <param name="sink">The address of the OTLP sink.</param>
    public static IReadOnlyList<Variant> All(string sink) =>
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
