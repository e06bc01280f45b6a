using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Telemetry;

/// <summary>
/// Which telemetry is sent by OTLP, and how. The SDK reads most of the <c>OTEL_</c> settings itself; here they are put right first, since
/// some values would keep it, and with it the service, from starting.
/// </summary>
internal sealed class OtlpSettings
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private const string Endpoint = Prefix + "ENDPOINT";
    private const string Protocol = Prefix + "PROTOCOL";
    private const string Headers = Prefix + "HEADERS";
    private const string Compression = Prefix + "COMPRESSION";
    private const string LinkLimit = "OTEL_SPAN_LINK_COUNT_LIMIT";
    private const string LengthLimit = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";
    private const string SpanLengthLimit = "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT";
    private const string LogLengthLimit = "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT";

    // The SDK's own: the spans of the records of a batch end together, up to 1000 unless that is set.
    private const int SpanQueue = 2048;

    // Two spans of a batch have up to 1024 links each. A link is some 36 bytes of an export, of which a collector takes 4 MiB by gRPC.
    private const int SpanBatch = 100;

    private const int LargestSize = 65_536;

    // The SDK's own.
    private const int LogQueue = 2048;
    private const int LogBatch = 512;

    private const string Grpc = "grpc";
    private const string HttpProtobuf = "http/protobuf";
    private const string Gzip = "gzip";
    private const string None = "none";

    // Below 1 the SDK does not start.
    private static readonly string[] _numbers =
    [
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", Prefix + "TIMEOUT", LengthLimit, SpanLengthLimit, LogLengthLimit,
        .. OtlpSignal.All.Select(signal => signal.Timeout),
    ];

    private readonly IConfiguration _configuration;
    private readonly List<string> _problems = [];
    private readonly HashSet<OtlpSignal> _sent = [];

    private OtlpSettings(IConfiguration configuration)
    {
        _configuration = configuration;
    }

    /// <summary>Gets whether anything is sent.</summary>
    public bool IsEnabled => _sent.Count > 0;

    /// <summary>Gets what is wrong with the settings: a sentence each that names the setting.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads the settings and puts right in <paramref name="configuration"/> what the SDK would refuse; never throws for what is set.</summary>
    /// <param name="configuration">The app's configuration, which the SDK reads later.</param>
    public static OtlpSettings From(IConfiguration configuration)
    {
        var settings = new OtlpSettings(configuration);
        settings.CheckNumbers();
        settings.CheckExporters();
        if (!string.Equals(configuration["OTEL_SDK_DISABLED"]?.Trim(), "true", StringComparison.OrdinalIgnoreCase))
        {
            settings._sent.UnionWith(OtlpSignal.All.Where(settings.IsAskedFor));
            settings.RemoveImpossible();
        }

        settings.SetLengths();
        if (settings.Sends(OtlpSignal.Traces))
        {
            settings.SetSizes("OTEL_BSP", SpanQueue, SpanBatch);

            // A batch is linked to each of its senders; the SDK's own 128 would cut most of them off.
            configuration[LinkLimit] = settings.Text(LinkLimit) ?? "1024";
        }

        if (settings.Sends(OtlpSignal.Logs))
        {
            settings.SetSizes("OTEL_BLRP", LogQueue, LogBatch);
        }

        return settings;
    }

    /// <summary>Returns whether a signal is sent.</summary>
    public bool Sends(OtlpSignal signal) => _sent.Contains(signal);

    /// <summary>Sets what a signal has of its own; the SDK reads what is for all signals.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="options">The options of its exporter.</param>
    public void Configure(OtlpSignal signal, OtlpExporterOptions options)
    {
        // What is not set must not be: to an endpoint that is, the SDK adds no path.
        if (Text(signal.Endpoint) is { } endpoint)
        {
            options.Endpoint = new Uri(endpoint);
        }

        if (Text(signal.Protocol) is { } protocol)
        {
            options.Protocol = ProtocolOf(protocol);
        }

        if (Text(signal.Headers) is { } headers)
        {
            options.Headers = headers;
        }

        if (Text(signal.Timeout) is { } timeout)
        {
            options.TimeoutMilliseconds = int.Parse(timeout, CultureInfo.InvariantCulture);
        }

        if (Text(signal.Compression) is { } compression)
        {
            options.Compression = compression == Gzip ? OtlpExportCompression.GZip : OtlpExportCompression.None;
        }
    }

    private static OtlpExportProtocol ProtocolOf(string text) => text == HttpProtobuf ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;

    private void CheckNumbers()
    {
        foreach (var name in _numbers)
        {
            // The SDK makes room for as many as a size says at once.
            var most = name.EndsWith("_SIZE", StringComparison.Ordinal) ? LargestSize : int.MaxValue;
            if (Text(name) is { } text
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most))
            {
                Refuse(name, text, $"a whole number from 1 to {most}", "the default is used");
            }
        }
    }

    // The SDK refuses a batch that is larger than the queue.
    private void SetSizes(string prefix, int defaultQueue, int defaultBatch)
    {
        var batchName = $"{prefix}_MAX_EXPORT_BATCH_SIZE";
        var queueName = $"{prefix}_MAX_QUEUE_SIZE";
        var batch = Text(batchName) is { } batchText ? int.Parse(batchText, CultureInfo.InvariantCulture) : (int?)null;
        var queue = Text(queueName) is { } queueText ? int.Parse(queueText, CultureInfo.InvariantCulture) : Math.Max(defaultQueue, batch ?? 0);
        if (batch > queue)
        {
            _problems.Add($"{batchName} must not be above {queueName}; {queue} is used.");
        }

        _configuration[queueName] = queue.ToString(CultureInfo.InvariantCulture);
        _configuration[batchName] = Math.Min(batch ?? defaultBatch, queue).ToString(CultureInfo.InvariantCulture);
    }

    // The query and the headers of a request make spans of 60 KB, of which a collector takes 70 at a time; the SDK has no limit of its own.
    // Nobody's request makes a long value in a log, and an exception's stack is one.
    private void SetLengths()
    {
        if (Text(LengthLimit) is null)
        {
            _configuration[LogLengthLimit] = Text(LogLengthLimit) ?? "16384";
            _configuration[LengthLimit] = Text(SpanLengthLimit) is null ? "1024" : null;
        }
    }

    private void CheckExporters()
    {
        CheckEndpoint(Endpoint, "what has no endpoint of its own is not sent");
        CheckChoice(Protocol, [Grpc, HttpProtobuf]);
        CheckChoice(Compression, [Gzip, None]);
        foreach (var signal in OtlpSignal.All)
        {
            CheckEndpoint(signal.Endpoint, Text(Endpoint) is null ? $"no {signal} are sent" : $"that of {Endpoint} is used");
            CheckChoice(signal.Protocol, [Grpc, HttpProtobuf]);
            CheckChoice(signal.Compression, [Gzip, None]);
        }
    }

    private void CheckEndpoint(string name, string instead)
    {
        if (Text(name) is not { } text)
        {
            return;
        }

        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (Uri.TryCreate(withScheme, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0 && uri.UserInfo.Length == 0)
        {
            _configuration[name] = withScheme;
            return;
        }

        // A user and a password in it would be told with each export that fails.
        Refuse(name, text.Contains('@', StringComparison.Ordinal) ? "…" : text, "an http or https address without a user", instead);
    }

    private void CheckChoice(string name, ReadOnlySpan<string> choices)
    {
        if (Text(name) is { } text && !choices.Contains(text))
        {
            Refuse(name, text, string.Join(" or ", choices.ToArray()), "the default is used");
        }
    }

    // Without an endpoint nothing is sent: the SDK's own default would be a collector on this host that nobody asked for.
    private bool IsAskedFor(OtlpSignal signal)
    {
        const string otlp = "otlp";
        var hasEndpoint = (Text(signal.Endpoint) ?? Text(Endpoint)) is not null;
        if (Text(signal.Exporter) is not { } text)
        {
            return hasEndpoint;
        }

        var names = text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        // What Prometheus reads is there always.
        if (!Array.TrueForAll(names, name => name is otlp or None || (name == "prometheus" && signal == OtlpSignal.Metrics)))
        {
            Refuse(signal.Exporter, text, $"{otlp} or {None}", "the default is used");
            return hasEndpoint;
        }

        if (!names.Contains(otlp))
        {
            return false;
        }

        if (!hasEndpoint)
        {
            _problems.Add($"{signal.Exporter} is {otlp}, but neither {signal.Endpoint} nor {Endpoint} is set; no {signal} are sent.");
        }

        return hasEndpoint;
    }

    // Headers and certificates are read by the exporter alone, which throws for those that it cannot use.
    private void RemoveImpossible()
    {
        var refusals = _sent.Select(signal => (Signal: signal, Reason: Refusal(signal))).Where(refusal => refusal.Reason is not null).ToArray();
        foreach (var refusal in refusals.GroupBy(refusal => refusal.Reason, refusal => refusal.Signal))
        {
            _problems.Add($"The exporter does not take the {Prefix} settings, no {string.Join(", ", refusal)} are sent: {refusal.Key}");
            _sent.ExceptWith(refusal);
        }
    }

    private string? Refusal(OtlpSignal signal)
    {
        try
        {
            var options = new OtlpExporterOptions { Headers = Text(Headers), Protocol = ProtocolOf(Text(Protocol) ?? Grpc) };
            if (Text(Endpoint) is { } endpoint)
            {
                options.Endpoint = new Uri(endpoint);
            }

            Configure(signal, options);
            using var exporter = new OtlpTraceExporter(options);
            return WrongHeader(options.Headers);
        }
#pragma warning disable CA1031 // Whatever the exporter dislikes, the service runs without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Headers carry credentials: the message may go to a log, their text may not.
            return $"{e.GetType().Name}: {SafeText.OneLine(e.Message, 256)}";
        }
    }

    // The exporter finds out with each export, and tells the value.
    private static string? WrongHeader(string? headers)
    {
        using var request = new HttpRequestMessage();
        foreach (var header in (headers ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var separator = header.IndexOf('=', StringComparison.Ordinal);
            if (separator < 0)
            {
                continue;
            }

            var name = header[..separator].Trim();
            try
            {
                request.Headers.Add(name, Uri.UnescapeDataString(header[(separator + 1)..].Trim()));
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
            {
                return $"the header {SafeText.OneLine(name, 64)} has a value that HTTP does not carry.";
            }
        }

        return null;
    }

    private void Refuse(string name, string text, string expected, string instead)
    {
        _problems.Add($"{name} \"{SafeText.OneLine(text, 64)}\" must be {expected}; {instead}.");
        _configuration[name] = null;
    }

    private string? Text(string name) => _configuration.GetText(name);
}
