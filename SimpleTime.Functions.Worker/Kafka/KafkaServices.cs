using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outputs;
using SimpleTime.Functions.Worker.Kafka.Security;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka;

internal static class KafkaServices
{
    /// <summary>Adds the Kafka side. Hosted services stop in the reverse order: the watch, so that no client waits for it, then listeners before outputs.</summary>
    public static void AddKafka(this IServiceCollection services, SettingReader reader, IConfiguration configuration, StartupNotices notices)
    {
        services.AddSingleton(KafkaSettings.Read(reader, configuration, notices));
        services.AddSingleton(KafkaSecurity.Read(reader, configuration, notices));
        services.AddSingleton(new SettingNames(configuration));
        services.AddSingleton<KafkaBrokers>();
        if (MskIam.IsSupported)
        {
            services.AddSingleton<MskTokens>();
        }

        services.AddSingleton<CredentialRotation>();
        services.AddSingleton<KafkaClientFactory>();
        services.AddSingleton<MessageSerializer>();
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<TriggerMetrics>();
        services.AddSingleton(OutboxOptions.Read(reader));
        services.TryAddSingleton<IOutboxDisk, OutboxDisk>();
        services.AddSingleton<OutboxLines>();
        services.AddSingleton<OutboxMessages>();
        services.AddSingleton<Outbox.Outbox>();
        services.AddSingleton<OutboxDestinations>();
        services.AddSingleton<OutboxSender>();
        services.AddSingleton<UnwrittenMessages>();
        services.AddSingleton<OutboxFolders>();
        services.AddSingleton<OutboxBacklog>();
        services.AddSingleton<OutboxWriter>();
        services.AddSingleton<OutputBindings>();
        services.AddSingleton(s => new BrokerProbe(s.GetRequiredService<KafkaSecurity>(), s.GetRequiredService<KafkaClientFactory>().HasClientCertificate));
        services.AddSingleton<TopicMonitors>().AddHostedService(s => s.GetRequiredService<TopicMonitors>());
        services.TryAddSingleton(s => new ClientWatch(
            s.GetRequiredService<TopicMonitors>().FindAnswered, s.GetRequiredService<BackgroundLoops>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OutboxService>().AddHostedService(s =>
        {
            // They make the destinations that it starts the clients of.
            s.GetRequiredService<OutputBindings>();
            return s.GetRequiredService<OutboxService>();
        });
        services.AddSingleton(s => new KafkaPublisher(s.GetRequiredService<KafkaBrokers>(), s.GetRequiredService<KafkaClientFactory>()));
        services.AddSingleton(s => new RefusedMessages(
            s.GetRequiredService<OutboxOptions>(), s.GetRequiredService<IOutboxDisk>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KafkaListeners>();
        services.AddSingleton<IKafkaHost, KafkaHost>();
        services.AddHostedService<KafkaStatusMetrics>();
        services.AddHostedService(s => s.GetRequiredService<KafkaListeners>());
        services.AddHostedService(s => s.GetRequiredService<ClientWatch>());
    }
}
