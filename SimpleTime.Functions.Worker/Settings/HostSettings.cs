namespace SimpleTime.Functions.Worker.Settings;

/// <summary>The worker's own settings, read once at start. Immutable.</summary>
internal sealed class HostSettings
{
    private const int DefaultConnections = 10_000;
    private const int FewestConnections = 16;

    // Files of the Kafka clients, the spool, the database and the runtime; a quarter is left for connections where there are that few.
    private const int OtherFiles = 300;

    private HostSettings()
    {
    }

    /// <summary>Gets the keys that open functions of <c>AuthorizationLevel.Function</c>.</summary>
    public required IReadOnlyList<string> FunctionKeys { get; init; }

    /// <summary>Gets the folder with a key a file, which open them too; null for none.</summary>
    public required string? FunctionKeysPath { get; init; }

    /// <summary>Gets how long requests are still served after SIGTERM, while /readyz already refuses.</summary>
    public required TimeSpan DrainDelay { get; init; }

    /// <summary>Gets how long an invocation may take; null for no end.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }

    /// <summary>Gets the most connections that the server has open at a time.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Gets what stands before each route, without slashes at its ends; empty for none.</summary>
    public required string RoutePrefix { get; init; }

    /// <summary>Gets the functions to run; empty for all.</summary>
    public required IReadOnlyList<string> AllowedFunctions { get; init; }

    public static HostSettings Read(SettingReader settings) => Read(settings, OpenFileLimit.Read());

    /// <param name="settings">The settings.</param>
    /// <param name="openFiles">How many files and sockets the process may have open; null for no limit.</param>
    public static HostSettings Read(SettingReader settings, long? openFiles)
    {
        const string host = SettingsFiles.HostSection;
        settings.Check(
            host,
            ["$schema", "version", "functions", "extensions", "logging", "functionTimeout"],
            ["aggregator", "concurrency", "customHandler", "extensionBundle", "healthMonitor", "managedDependency", "retry", "sendCanceledInvocationsToWorker",
             "singleton", "telemetryMode", "watchDirectories", "watchFiles"]);
        _ = settings.Choice($"{host}:version", "2.0", "2.0");
        settings.RefuseUnknown($"{host}:extensions", "http", "kafka");
        settings.Check(
            $"{host}:extensions:http",
            ["routePrefix", "hsts", "customHeaders"],
            ["maxOutstandingRequests", "maxConcurrentRequests", "dynamicThrottlesEnabled"]);
        settings.Check(
            $"{host}:logging", ["logLevel", "console", .. settings.Providers($"{host}:logging")], ["applicationInsights", "fileLoggingMode"]);
        settings.Check(
            $"{host}:logging:console",
            ["logLevel", "formatterName", "formatterOptions", "logToStandardErrorThreshold", "maxQueueLength", "queueFullMode"],
            ["isEnabled", "disableColors"]);

        var files = openFiles ?? int.MaxValue;
        var room = (int)Math.Clamp(Math.Max(files - OtherFiles, files / 4), 1, int.MaxValue);
        return new HostSettings
        {
            FunctionKeys = settings.Text("FUNCTIONS_KEYS")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            FunctionKeysPath = settings.Text("FUNCTIONS_KEYS_PATH"),
            DrainDelay = TimeSpan.FromSeconds(settings.Int("SHUTDOWN_DRAIN_SECONDS", 0, 0, 3600)),
            FunctionTimeout = settings.Timeout($"{host}:functionTimeout", TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1)),
            MaxConnections = settings.Int("MAX_CONNECTIONS", Math.Min(DefaultConnections, room), Math.Min(FewestConnections, room), room),
            RoutePrefix = settings.TextOrEmpty($"{host}:extensions:http:routePrefix", "api").Trim('/'),
            AllowedFunctions = settings.List($"{host}:functions"),
        };
    }
}
