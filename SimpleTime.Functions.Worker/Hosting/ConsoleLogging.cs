using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>
/// The log on the console: JSON, a record on a line, in a container whose output nobody watches; text elsewhere. The standard
/// settings (<c>Logging:Console:FormatterName</c>, <c>Logging:Console:FormatterOptions:…</c>) go before.
/// </summary>
internal static class ConsoleLogging
{
    private static readonly string[] _formatters = [ConsoleFormatterNames.Simple, ConsoleFormatterNames.Json, ConsoleFormatterNames.Systemd];

    public static void AddTo(ILoggingBuilder logging, IConfiguration configuration, StartupNotices notices)
    {
        RefuseUnknownFormatter(configuration, notices);
        var formatter = Console.IsOutputRedirected && RunningInContainer.Value
            ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
        logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);

        // Before the console's own reading of the configuration, which then wins.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = formatter);
        logging.Services.Configure<SimpleConsoleFormatterOptions>(console =>
        {
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<JsonConsoleFormatterOptions>(console =>
        {
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            console.UseUtcTimestamp = true;
            // Trace ids stand in scopes.
            console.IncludeScopes = true;
        });
        logging.AddConsole();
    }

    // An unknown one would be the default without a word.
    private static void RefuseUnknownFormatter(IConfiguration configuration, StartupNotices notices)
    {
        const string setting = "Logging:Console:FormatterName";
        if (configuration[setting] is { Length: > 0 } name && !_formatters.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            notices.Add($"The setting {setting} is \"{name}\" but must be one of {string.Join(", ", _formatters)}; the default is used.");
            configuration[setting] = null;
        }
    }
}
