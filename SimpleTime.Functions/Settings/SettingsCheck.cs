using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Settings;

/// <summary>Says once, at start, what is wrong with the settings.</summary>
internal sealed partial class SettingsCheck(IEnumerable<SettingProblem> problems, ILogger<SettingsCheck> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var problem in problems)
        {
            Log.SettingIsWrong(logger, problem.Text);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(403, LogLevel.Warning, "{Problem}")]
        public static partial void SettingIsWrong(ILogger logger, string problem);
    }
}
