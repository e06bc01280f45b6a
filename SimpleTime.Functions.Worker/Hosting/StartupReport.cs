using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Http;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>Says once, when the app listens, what is wrong with the settings and which functions run, as <c>func start</c> does.</summary>
internal sealed partial class StartupReport(
    StartupNotices notices, FunctionRegistry functions, HostSettings settings, FunctionKeys keys, IServer server, ILogger<StartupReport> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var line in notices.Lines)
        {
            Log.Notice(logger, line);
        }

        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (functions.Enabled.Count == 0)
        {
            Log.NoFunctions(logger);
        }
        else
        {
            Log.Functions(logger, List());
        }

        if (keys.AllowNobody && functions.Enabled.Where(f => f.NeedsKey).Select(f => f.Name).ToList() is { Count: > 0 } closed)
        {
            Log.NoKeys(logger, string.Join(", ", closed));
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string List()
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()?.TrimEnd('/') ?? "";
        var list = new StringBuilder("Functions:");
        foreach (var function in functions.Enabled.OrderBy(f => f.Descriptor.Trigger is not HttpTriggerAttribute))
        {
            list.AppendLine().AppendLine();
            if (function.Descriptor.Trigger is HttpTriggerAttribute http)
            {
                var methods = http.Methods is { Length: > 0 } some ? $"[{string.Join(',', some.Select(m => m.ToUpperInvariant()))}] " : "";
                list.Append($"\t{function.Name}: {methods}{address}{HttpRoute.Of(function, settings).Template}");
            }
            else
            {
                list.Append($"\t{function.Name}: {function.Trigger}");
            }
        }

        return list.AppendLine().ToString();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Notice}")]
        public static partial void Notice(ILogger logger, string notice);

        [LoggerMessage(2, LogLevel.Information, "{Functions}")]
        public static partial void Functions(ILogger logger, string functions);

        [LoggerMessage(3, LogLevel.Warning, "No function runs: none was found, or the allow-list and the Disabled settings leave none.")]
        public static partial void NoFunctions(ILogger logger);

        [LoggerMessage(5, LogLevel.Warning, "There is no function key, in FUNCTIONS_KEYS or " + ConfiguredKeys.FolderSetting + ": {Functions} answers everybody with 401.")]
        public static partial void NoKeys(ILogger logger, string functions);
    }
}
