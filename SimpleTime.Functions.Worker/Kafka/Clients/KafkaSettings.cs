using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Kafka.Security;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>host.json's <c>extensions.kafka</c>, with the official extension's keys and defaults. Immutable.</summary>
internal sealed class KafkaSettings
{
    private const string Section = $"{SettingsFiles.HostSection}:extensions:kafka";

    private KafkaSettings()
    {
    }

    /// <summary>Gets the most records of one invocation of a batched function.</summary>
    public required int MaxBatchSize { get; init; }

    /// <summary>Gets how long a batch waits for records to fill it.</summary>
    public required TimeSpan SubscriberInterval { get; init; }

    public required AutoOffsetReset AutoOffsetReset { get; init; }

    public required int AutoCommitIntervalMs { get; init; }

    public required int SessionTimeoutMs { get; init; }

    public required int MaxPollIntervalMs { get; init; }

    public required int MetadataMaxAgeMs { get; init; }

    public required bool SocketKeepaliveEnable { get; init; }

    public required int ReconnectBackoffMs { get; init; }

    public required int ReconnectBackoffMaxMs { get; init; }

    public required int QueuedMaxMessagesKbytes { get; init; }

    public required int? QueuedMinMessages { get; init; }

    public required int? MaxPartitionFetchBytes { get; init; }

    public required int? FetchMaxBytes { get; init; }

    public required int? StatisticsIntervalMs { get; init; }

    public required string? LibkafkaDebug { get; init; }

    /// <summary>Gets whether a batch that failed for good is committed at once, as the official host does by default.</summary>
    public required bool CommitOnFailure { get; init; }

    /// <summary>Gets how often a failed batch is repeated before it is skipped when <see cref="CommitOnFailure"/> is off; -1 for until it succeeds.</summary>
    public required int MaxRetries { get; init; }

    /// <summary>Gets the client's own properties but for those that are refused, given to each client over all other settings.</summary>
    public required IReadOnlyDictionary<string, string> Librdkafka { get; init; }

    /// <summary>Returns a number among the client's own properties.</summary>
    /// <param name="property">The property's name.</param>
    /// <param name="unset">What it is where it is not set, or no positive number.</param>
    public int OfClient(string property, int unset) =>
        int.TryParse(Librdkafka.GetValueOrDefault(property), CultureInfo.InvariantCulture, out var number) && number > 0 ? number : unset;

    public static KafkaSettings Read(SettingReader settings, IConfiguration configuration, StartupNotices notices)
    {
        settings.Check(
            Section,
            ["maxBatchSize", "subscriberIntervalInSeconds", "autoOffsetReset", "autoCommitIntervalMs", "sessionTimeoutMs", "maxPollIntervalMs",
             "metadataMaxAgeMs", "socketKeepaliveEnable", "reconnectBackoffMs", "reconnectBackoffMaxMs", "queuedMinMessages", "queuedMaxMessagesKbytes",
             "maxPartitionFetchBytes", "fetchMaxBytes", "statisticsIntervalMs", "libkafkaDebug", "commitOnFailure", "maxRetries", "librdkafka"],
            ["executorChannelCapacity", "channelFullRetryIntervalInMs"]);

        var session = settings.Int($"{Section}:sessionTimeoutMs", 10_000, 1_000, 3_600_000);
        return new KafkaSettings
        {
            MaxBatchSize = settings.Int($"{Section}:maxBatchSize", 64, 1, 100_000),
            SubscriberInterval = TimeSpan.FromSeconds(settings.Int($"{Section}:subscriberIntervalInSeconds", 1, 0, 60)),
            AutoOffsetReset = settings.Choice($"{Section}:autoOffsetReset", "Earliest", "Earliest", "Latest") == "Latest"
                ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest,
            AutoCommitIntervalMs = settings.Int($"{Section}:autoCommitIntervalMs", 200, 1, 86_400_000),
            SessionTimeoutMs = session,
            // librdkafka's default, and never below the session's time, which it refuses.
            MaxPollIntervalMs = settings.Int($"{Section}:maxPollIntervalMs", Math.Max(300_000, session), session, 86_400_000),
            MetadataMaxAgeMs = settings.Int($"{Section}:metadataMaxAgeMs", 180_000, 1_000, 86_400_000),
            SocketKeepaliveEnable = settings.Bool($"{Section}:socketKeepaliveEnable", true),
            // A broker that accepts connections and closes them gets one from each client after this time, since it counts as reached.
            ReconnectBackoffMs = settings.Int($"{Section}:reconnectBackoffMs", 1_000, 1, 2_000),
            // Above 2 s a broker that came back would not be seen within the 10 s that the status promises.
            ReconnectBackoffMaxMs = settings.Int($"{Section}:reconnectBackoffMaxMs", 2_000, 1, 2_000),
            // librdkafka's 64 MiB a consumer would be most of the memory this process may have.
            QueuedMaxMessagesKbytes = settings.Int($"{Section}:queuedMaxMessagesKbytes", 16_384, 1, 2_097_151),
            QueuedMinMessages = settings.OptionalInt($"{Section}:queuedMinMessages", 1, 10_000_000),
            MaxPartitionFetchBytes = settings.OptionalInt($"{Section}:maxPartitionFetchBytes", 1, 1_000_000_000),
            FetchMaxBytes = settings.OptionalInt($"{Section}:fetchMaxBytes", 1, int.MaxValue - 512),
            StatisticsIntervalMs = settings.OptionalInt($"{Section}:statisticsIntervalMs", 0, 86_400_000),
            LibkafkaDebug = settings.Text($"{Section}:libkafkaDebug"),
            CommitOnFailure = settings.Bool($"{Section}:commitOnFailure", true),
            MaxRetries = settings.Int($"{Section}:maxRetries", 5, -1, int.MaxValue),
            Librdkafka = ReadLibrdkafka(configuration, notices),
        };
    }

    private static Dictionary<string, string> ReadLibrdkafka(IConfiguration configuration, StartupNotices notices)
    {
        var properties = new Dictionary<string, string>();
        foreach (var property in configuration.GetSection($"{Section}:librdkafka").GetChildren())
        {
            if (SecurityProperties.Reason(property.Key) is not null)
            {
                // Told, and the end of all connections, where security is read.
                continue;
            }

            if (RefusedProperties.Reason(property.Key) is { } reason)
            {
                notices.Add($"The setting {property.Path} is ignored: {reason}.");
            }
            else if (property.Value is { Length: > 0 } value)
            {
                properties[property.Key] = value;
            }
        }

        return properties;
    }
}
