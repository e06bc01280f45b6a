namespace SimpleTime.Functions.Telemetry;

/// <summary>A kind of telemetry, and what its own settings are called. Immutable.</summary>
internal sealed class OtlpSignal
{
    private readonly string _name;

    private OtlpSignal(string name)
    {
        _name = name;
        Exporter = $"OTEL_{name}_EXPORTER";
        Endpoint = Setting("ENDPOINT");
        Protocol = Setting("PROTOCOL");
        Headers = Setting("HEADERS");
        Timeout = Setting("TIMEOUT");
        Compression = Setting("COMPRESSION");
    }

    /// <summary>Traces.</summary>
    public static OtlpSignal Traces { get; } = new("TRACES");

    /// <summary>Metrics.</summary>
    public static OtlpSignal Metrics { get; } = new("METRICS");

    /// <summary>Logs.</summary>
    public static OtlpSignal Logs { get; } = new("LOGS");

    /// <summary>Gets all of them.</summary>
    public static IReadOnlyList<OtlpSignal> All { get; } = [Traces, Metrics, Logs];

    /// <summary>Gets the setting that says whether it is sent.</summary>
    public string Exporter { get; }

    /// <summary>Gets the setting of where to; like those below it goes before the one for all signals.</summary>
    public string Endpoint { get; }

    /// <summary>Gets the setting of how.</summary>
    public string Protocol { get; }

    /// <summary>Gets the setting of the headers: credentials, as a rule.</summary>
    public string Headers { get; }

    /// <summary>Gets the setting of how long an export may take.</summary>
    public string Timeout { get; }

    /// <summary>Gets the setting of how it is compressed.</summary>
    public string Compression { get; }

    /// <summary>Returns what it is, for people.</summary>
    public override string ToString() => _name.ToLowerInvariant();

    private string Setting(string what) => $"OTEL_EXPORTER_OTLP_{_name}_{what}";
}
