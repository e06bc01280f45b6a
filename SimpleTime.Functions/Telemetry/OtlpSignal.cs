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

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OtlpSignal> All { get; } = [Traces, Metrics, Logs];

    /// <summary>The setting that says whether it is sent.</summary>
    public string Exporter { get; }

    /// <summary>The setting of where to; like those below it goes before the one for all signals.</summary>
    public string Endpoint { get; }

    /// <summary>The setting of how.</summary>
    public string Protocol { get; }

    /// <summary>The setting of the headers: credentials, as a rule.</summary>
    public string Headers { get; }

    /// <summary>The setting of how long an export may take.</summary>
    public string Timeout { get; }

    /// <summary>The setting of how it is compressed.</summary>
    public string Compression { get; }

    /// <summary>What it is, for people.</summary>
    public override string ToString() => _name.ToLowerInvariant();

    private string Setting(string what) => $"OTEL_EXPORTER_OTLP_{_name}_{what}";
}
