using Microsoft.Azure.Functions.Worker.Builder;
using SimpleTime.Functions.Settings;
#if AZURE_FUNCTIONS_HOST
using SimpleTime.Functions.AzureHost;
#else
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Worker;
#endif

namespace SimpleTime.Functions;

/// <summary>What the service takes from the host it runs on: the one file that knows the host.</summary>
internal static class HostServices
{
    /// <summary>Adds the host's side of Kafka and of the process's life, and the defaults of settings that bindings name.</summary>
    /// <param name="builder">The app's builder.</param>
    public static void AddHostServices(this FunctionsApplicationBuilder builder)
    {
#if AZURE_FUNCTIONS_HOST
        builder.AddAzureHost();
#else
        builder.Services.AddSingleton<IKafka, HostKafka>();
        builder.Services.AddSingleton<IEventPublisher, HostPublisher>();
        builder.Services.AddSingleton<IRefusedMessages, HostRefusedMessages>();
        builder.Services.AddSingleton<IUndecodableBatches, HostDeadLetters>();
#endif
        foreach (var (name, value) in ServiceSettings.Defaults)
        {
            // A list of nothing, too.
            if (string.IsNullOrWhiteSpace(builder.Configuration[name]?.Replace(',', ' ')))
            {
                builder.Configuration[name] = value;
            }
        }
    }

    /// <summary>Returns the address of a route as this machine reaches it.</summary>
    /// <param name="builder">The app's builder.</param>
    /// <param name="route">The route.</param>
    /// <returns>Null when it cannot be known: the settings fix no port, or another process listens, as on the Azure Functions host.</returns>
    public static Uri? FindAddress(this FunctionsApplicationBuilder builder, string route) =>
#if AZURE_FUNCTIONS_HOST
        null;
#else
        HostAddress.Find(builder.Configuration, route);

    private sealed class HostKafka(IKafkaHost kafka) : IKafka
    {
        public bool IsUp => kafka.IsUp;

        public KafkaStatusSnapshot Snapshot()
        {
            var report = kafka.Report();
            return new KafkaStatusSnapshot
            {
                IsUp = report.IsUp,
                Producer = State(report.Producer),
                Consumer = State(report.Consumer),
                Brokers = report.Brokers,
                Topic = report.Topic,
                ConsumerGroup = report.ConsumerGroup,
                Pending = report.Pending,
                Lag = report.Lag,
                PausedReason = report.PausedReason,
                Reason = report.Reason,
            };
        }

        public bool IsAccepted(HttpContext request) => kafka.HasAccepted(request);

        public async ValueTask<long?> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
            await kafka.FlushAsync(timeout, cancellationToken).ConfigureAwait(false);

        private static KafkaState State(KafkaClientState state) => state switch
        {
            KafkaClientState.Up => KafkaState.Up,
            KafkaClientState.Disabled => KafkaState.Disabled,
            _ => KafkaState.NotUp,
        };
    }

    private sealed class HostPublisher(KafkaPublisher publisher) : IEventPublisher
    {
        public Task PublishAsync(
            string topic, byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, CancellationToken cancellationToken) =>
            publisher.PublishAsync(topic, key, value, headers, cancellationToken);
    }

    private sealed class HostRefusedMessages(RefusedMessages messages) : IRefusedMessages
    {
        public IReadOnlyList<string> FindFiles() => messages.FindFiles();

        public IRefusedFile? TryOpen(string path) => messages.TryOpen(path) is { } file ? new HostRefusedFile(file) : null;
    }

    private sealed class HostRefusedFile(RefusedFile file) : IRefusedFile
    {
        private readonly Dictionary<StoredMessage, RefusedMessage> _last = new(ReferenceEqualityComparer.Instance);

        public long Missing => file.Missing;

        public bool IsDamaged => file.IsDamaged;

        public bool IsUnknown => file.IsUnknown;

        public IReadOnlyList<StoredMessage> Read()
        {
            _last.Clear();
            foreach (var m in file.Read())
            {
                _last.Add(new StoredMessage(m.Id, m.BrokerSetting, m.Topic, m.AcceptedAt, m.Reason, m.Headers, m.Value), m);
            }

            return [.. _last.Keys];
        }

        public void Remove(StoredMessage message) => file.Remove(_last[message]);

        public void Save() => file.Save();

        public void Dispose() => file.Dispose();
    }

    private sealed class HostDeadLetters(EventReader reader, IEventStore store, StoreMetrics metrics, TimeProvider time) : IUndecodableBatches
    {
        public async ValueTask KeepAsync(UndecodableBatch batch, CancellationToken cancellationToken)
        {
            var started = time.GetTimestamp();
            var letter = reader.Undecodable(batch.Topic, batch.Partition, batch.FirstOffset, batch.LastOffset, batch.Reason);
            metrics.Persisted(await store.PersistAsync([letter], cancellationToken).ConfigureAwait(false), time.GetElapsedTime(started));
        }
    }
#endif
}
