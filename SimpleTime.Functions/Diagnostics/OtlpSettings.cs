using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>
/// Whether and how telemetry is sent by OTLP. The SDK reads the <c>OTEL_</c> settings itself; here they are put right first, since
/// some values would keep it, and with it the service, from starting.
/// </summary>
internal sealed class OtlpSettings
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string LinkLimit = "OTEL_SPAN_LINK_COUNT_LIMIT";
    private const string Grpc = "grpc";
    private const string HttpProtobuf = "http/protobuf";

    private static readonly string[] _signals = ["", "TRACES_", "METRICS_", "LOGS_"];

    // Below 1 the SDK does not start.
    private static readonly string[] _numbers =
    [
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    ];

    private readonly List<string> _problems = [];

    private OtlpSettings()
    {
    }

    /// <summary>Whether anything is sent.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>What is wrong with the settings: a sentence each that names the setting.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads the settings and puts right in <paramref name="configuration"/> what the SDK would refuse; never throws for what is set.</summary>
    /// <param name="configuration">The app's configuration, which the SDK reads later.</param>
    public static OtlpSettings From(IConfiguration configuration)
    {
        var settings = new OtlpSettings();
        foreach (var name in _numbers)
        {
            settings.CheckNumber(configuration, name);
        }

        settings.CheckBatchSize(configuration, "OTEL_BSP");
        settings.CheckBatchSize(configuration, "OTEL_BLRP");
        foreach (var signal in _signals)
        {
            settings.CheckEndpoint(configuration, $"OTEL_EXPORTER_OTLP_{signal}ENDPOINT");
            settings.CheckProtocol(configuration, $"OTEL_EXPORTER_OTLP_{signal}PROTOCOL");
        }

        settings.IsEnabled = Text(configuration, Endpoint) is not null
            && !string.Equals(configuration["OTEL_SDK_DISABLED"]?.Trim(), "true", StringComparison.OrdinalIgnoreCase)
            && Array.TrueForAll(_signals, signal => settings.CanExport(configuration, signal));
        if (settings.IsEnabled && Text(configuration, LinkLimit) is null)
        {
            // A batch is linked to each of its senders; the SDK's own 128 would cut most of them off.
            configuration[LinkLimit] = "1024";
        }

        return settings;
    }

    private void CheckNumber(IConfiguration configuration, string name)
    {
        if (Text(configuration, name) is { } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
        {
            Refuse(configuration, name, text, "a whole number above 0", "the default is used");
        }
    }

    // The SDK refuses a batch that is larger than the queue.
    private void CheckBatchSize(IConfiguration configuration, string prefix)
    {
        const int defaultQueue = 2048;
        const int defaultBatch = 512;
        var batch = Text(configuration, $"{prefix}_MAX_EXPORT_BATCH_SIZE");
        var queue = Text(configuration, $"{prefix}_MAX_QUEUE_SIZE");
        var queueSize = queue is null ? defaultQueue : int.Parse(queue, CultureInfo.InvariantCulture);
        if ((batch is null ? defaultBatch : int.Parse(batch, CultureInfo.InvariantCulture)) > queueSize)
        {
            _problems.Add($"{prefix}_MAX_EXPORT_BATCH_SIZE must not be above {prefix}_MAX_QUEUE_SIZE; {queueSize} is used.");
            configuration[$"{prefix}_MAX_EXPORT_BATCH_SIZE"] = queueSize.ToString(CultureInfo.InvariantCulture);
        }
    }

    private void CheckEndpoint(IConfiguration configuration, string name)
    {
        if (Text(configuration, name) is not { } text)
        {
            return;
        }

        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (Uri.TryCreate(withScheme, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0)
        {
            configuration[name] = withScheme;
            return;
        }

        Refuse(configuration, name, text, "an http or https address", name == Endpoint ? "nothing is sent" : $"that of {Endpoint} is used");
    }

    private void CheckProtocol(IConfiguration configuration, string name)
    {
        if (Text(configuration, name) is { } text && text is not (Grpc or HttpProtobuf))
        {
            Refuse(configuration, name, text, $"{Grpc} or {HttpProtobuf}", "the default is used");
        }
    }

    // Headers and certificates are read by the exporter alone, which throws for those that it cannot use.
    private bool CanExport(IConfiguration configuration, string signal)
    {
        try
        {
            using var exporter = new OtlpTraceExporter(new OtlpExporterOptions
            {
                Endpoint = new Uri(Text(configuration, $"OTEL_EXPORTER_OTLP_{signal}ENDPOINT") ?? configuration[Endpoint]!),
                Protocol = Text(configuration, $"OTEL_EXPORTER_OTLP_{signal}PROTOCOL") == HttpProtobuf ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc,
                Headers = Text(configuration, $"OTEL_EXPORTER_OTLP_{signal}HEADERS"),
            });
            return true;
        }
#pragma warning disable CA1031 // Whatever the exporter dislikes, the service runs without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Headers carry credentials: the message may go to a log, their text may not.
            _problems.Add($"Nothing is sent by OTLP, the exporter does not take its OTEL_EXPORTER_OTLP_{signal} settings: {e.GetType().Name}: {SafeText.Bound(e.Message, 256)}");
            return false;
        }
    }

    private void Refuse(IConfiguration configuration, string name, string text, string expected, string instead)
    {
        _problems.Add($"{name} \"{SafeText.Bound(text, 64)}\" must be {expected}; {instead}.");
        configuration[name] = null;
    }

    private static string? Text(IConfiguration configuration, string name) =>
        configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
