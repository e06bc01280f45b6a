using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.AzureHost;

/// <summary>What the service does itself where the Azure Functions host runs it, which tells a worker nothing of Kafka.</summary>
internal static class AzureHostServices
{
    private static readonly (string Setting, string Value)[] _logging =
    [
        // As in host.json, which a worker does not read: it would send lines for each request that the host drops.
        ("Logging:LogLevel:Microsoft.AspNetCore", nameof(LogLevel.Warning)),

        // The console is for what the service says and for what breaks it, a record on a line, as the host reads it.
        ("Logging:Console:LogLevel:Microsoft", nameof(LogLevel.Error)),
        ("Logging:Console:FormatterName", ConsoleFormatterNames.Simple),
        ("Logging:Console:FormatterOptions:SingleLine", bool.TrueString),
    ];

    /// <summary>Adds what <see cref="SimpleTimeServiceCollectionExtensions.AddSimpleTime"/> leaves to the host.</summary>
    /// <param name="builder">The app's builder; its settings are those of the environment still, without defaults.</param>
    public static void AddAzureHost(this FunctionsApplicationBuilder builder)
    {
        SettingProblem.Add(builder.Services, AzureHostSettings.Problems(builder.Configuration));
        builder.Services.AddSingleton<ThrottledLog>().AddHostedService(services => services.GetRequiredService<ThrottledLog>());
        builder.Services.AddSingleton<KafkaClients>();
        builder.Services.TryAddSingleton<BackgroundLoops>();
        builder.Services.AddSingleton<ObservedKafka>();
        builder.Services.AddSingleton<IKafka>(services => services.GetRequiredService<ObservedKafka>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ObservedKafka>());
        builder.Services.AddSingleton<IEventPublisher, KafkaEventPublisher>();
        builder.UseMiddleware<ConsumerFailure>();
        builder.Services.Configure<JsonSerializerOptions>(json => json.Converters.Add(new EventTextConverter()));
        builder.Services.AddSingleton<ILoggerProvider>(services => new OutsideInvocationsLog(new ConsoleLoggerProvider(
            services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>(), services.GetServices<ConsoleFormatter>())));
        foreach (var (setting, value) in _logging.Where(logging => builder.Configuration.GetText(logging.Setting) is null))
        {
            builder.Configuration[setting] = value;
        }
    }
}
