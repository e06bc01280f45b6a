using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Telemetry;

namespace SimpleTime.Functions;

/// <summary>Registers the service.</summary>
internal static class SimpleTimeServiceCollectionExtensions
{
    /// <summary>
    /// Adds what the functions need, but for what the host brings: <see cref="Kafka.IKafka"/>
    /// and <see cref="Worker.Diagnostics.ThrottledLog"/>.
    /// </summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">The settings, read once.</param>
    public static IServiceCollection AddSimpleTime(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = ServiceSettings.From(configuration);
        services.AddSingleton(settings);
        SettingProblem.Add(services, settings.Problems);
        services.AddHostedService<SettingsCheck>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => HostIdentity.Read(settings.PodIp));
        services.AddSingleton<FailureLog>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<RecordSpans>();
        services.AddSingleton<IEventStore, SqliteEventStore>();
        services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, EventJsonContext.Default));
        return services.AddTelemetry(configuration);
    }
}
