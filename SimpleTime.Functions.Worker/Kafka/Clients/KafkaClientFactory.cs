using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Security;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>Makes Kafka clients: the one place that knows their properties. Safe for use by several threads.</summary>
internal sealed partial class KafkaClientFactory(
    KafkaSettings settings, KafkaSecurity security, KafkaBrokers brokers, IHostEnvironment environment, ThrottledLog throttled, ILoggerFactory loggers,
    CredentialRotation credentials, MskTokens? tokens = null)
{
    private readonly ILogger _logger = loggers.CreateLogger<KafkaClientFactory>();
    private readonly ClientBuilder _builder = new(settings, credentials, loggers.CreateLogger<KafkaClientFactory>());

    // By the client's own word for the kind of line, a constant of its source: there are some dozens.
    private readonly ConcurrentDictionary<string, ThrottledLine<string>> _lines = new();

    /// <summary>Gets why no client may connect; null when the connection's settings agree and are taken.</summary>
    public string? SecurityProblem => security.Problem ?? _builder.SecurityProblem;

    // The switch stands here too, so that a publish without it finds nothing that leads to the AWS SDK.
    private Action<IClient, string>? GiveToken =>
        MskIam.IsSupported && security.UsesTokens && tokens is not null ? (client, _) => tokens.Give(client) : null;

    /// <summary>Gets the most messages in a producer's queue.</summary>
    public int ProducerQueueMessages { get; } = settings.OfClient("queue.buffering.max.messages", 20_000);

    /// <summary>Gets the most KiB in a producer's queue.</summary>
    public int ProducerQueueKbytes { get; } = settings.OfClient("queue.buffering.max.kbytes", 32 * 1024);

    /// <summary>Gets whether clients show a certificate of their own.</summary>
    public bool HasClientCertificate { get; } = security.HasCertificate
        || settings.Librdkafka.Keys.Any(static property => property.StartsWith("ssl.keystore", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Returns where the clients of a broker list connect first. Half a configuration connects nowhere: plaintext in its place would give
    /// events, or a password, to anybody.
    /// </summary>
    public string BootstrapServers(string brokerList) => security.Problem is null ? brokers.BootstrapServers(brokerList) : KafkaBrokers.Unreachable;

    /// <summary>Returns an idempotent producer. Its queue is bounded; a full one refuses a message at once.</summary>
    /// <typeparam name="TKey">The type of keys, one of those that the client serializes itself.</typeparam>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property is wrong.</exception>
    public IProducer<TKey, byte[]> CreateProducer<TKey>(ProducerProfile profile, Action<Error> onError)
    {
        var config = Common(new ProducerConfig(), profile.BrokerList);
        config.EnableIdempotence = true;
        // With more, an acknowledged batch would stand for the one before, which Kafka may have refused while it did not know the producer.
        config.MaxInFlight = 1;
        config.Acks = Acks.All;
        config.CompressionType = CompressionType.Lz4;
        config.QueueBufferingMaxMessages = ProducerQueueMessages;
        config.QueueBufferingMaxKbytes = ProducerQueueKbytes;
        config.MessageMaxBytes = profile.MaxMessageBytes;
        config.BatchNumMessages = profile.BatchSize;
        config.MessageTimeoutMs = profile.MessageTimeoutMs;
        config.RequestTimeoutMs = profile.RequestTimeoutMs;
        config.MessageSendMaxRetries = profile.MaxRetries;
        config.LingerMs = profile.LingerMs;
        // Nothing else of a report is read, and each of the others is a call into librdkafka.
        config.DeliveryReportFields = "status";
        // How soon partitions that a topic got are known.
        config.TopicMetadataRefreshIntervalMs = 5_000;
        return _builder.Build(config, onError, properties =>
        {
            var builder = new ProducerBuilder<TKey, byte[]>(properties).SetErrorHandler((_, error) => onError(error)).SetLogHandler(WriteLog);
            return (GiveToken is { } give ? builder.SetOAuthBearerTokenRefreshHandler(give) : builder).Build();
        });
    }

    /// <summary>Returns a consumer that joins a group.</summary>
    /// <param name="brokerList">The broker list of the trigger.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="configure">Adds the other handlers.</param>
    /// <param name="onError">Told of the client's errors.</param>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property is wrong.</exception>
    public IConsumer<byte[]?, byte[]?> CreateConsumer(
        string brokerList, string group, Action<ConsumerBuilder<byte[]?, byte[]?>> configure, Action<Error>? onError = null)
    {
        var config = Common(new ConsumerConfig(), brokerList);
        config.GroupId = group;
        // The client tells of a position that Kafka does not accept: what was removed from Kafka unread is counted.
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.EnablePartitionEof = true;
        // A damaged batch would be read as good records.
        config.CheckCrcs = true;
        // Offsets are committed when the function succeeded. The client's own commits never go back, as they must for a topic made anew.
        config.EnableAutoOffsetStore = false;
        config.EnableAutoCommit = false;
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        config.SessionTimeoutMs = settings.SessionTimeoutMs;
        config.HeartbeatIntervalMs = Math.Min(3_000, settings.SessionTimeoutMs / 3);
        config.MaxPollIntervalMs = settings.MaxPollIntervalMs;
        config.QueuedMaxMessagesKbytes = settings.QueuedMaxMessagesKbytes;
        config.QueuedMinMessages = settings.QueuedMinMessages;
        config.MaxPartitionFetchBytes = settings.MaxPartitionFetchBytes;
        config.FetchMaxBytes = settings.FetchMaxBytes;
        // How soon a topic that is made after the subscription is found.
        config.TopicMetadataRefreshIntervalMs = 10_000;
        onError ??= static _ => { };
        return _builder.Build(config, onError, properties =>
        {
            var builder = new ConsumerBuilder<byte[]?, byte[]?>(properties).SetErrorHandler((_, error) => onError(error));
            configure(builder);
            return BuildConsumer(builder);
        });
    }

    /// <summary>Returns a client for questions: metadata, and a group's offsets without joining it.</summary>
    /// <remarks>
    /// A consumer, since asking with one of those never makes a topic. It has to be polled, besides being asked: that is when a
    /// client gets its token and tells its errors.
    /// </remarks>
    /// <param name="brokerList">The broker list.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="onError">Told of the client's errors.</param>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property is wrong.</exception>
    public IConsumer<Ignore, Ignore> CreateObserver(string brokerList, string group, Action<Error> onError)
    {
        var config = Common(new ConsumerConfig(), brokerList);
        config.GroupId = group;
        config.EnableAutoCommit = false;
        config.AllowAutoCreateTopics = false;
        config.IsolationLevel = IsolationLevel.ReadUncommitted;

        // Not what host.json may have for the consumers: the end of the committed ones is no end, and a lag up to it is too small.
        return _builder.Build(
            config,
            onError,
            properties => BuildConsumer(new ConsumerBuilder<Ignore, Ignore>(properties).SetErrorHandler((_, error) => onError(error))),
            "isolation.level");
    }

    private IConsumer<TKey, TValue> BuildConsumer<TKey, TValue>(ConsumerBuilder<TKey, TValue> builder)
    {
        builder.SetLogHandler(WriteLog);
        return (GiveToken is { } give ? builder.SetOAuthBearerTokenRefreshHandler(give) : builder).Build();
    }

    private T Common<T>(T config, string brokerList)
        where T : ClientConfig
    {
        config.BootstrapServers = BootstrapServers(brokerList);
        security.ApplyTo(config);
        config.ClientId = environment.ApplicationName;
        config.ReconnectBackoffMs = settings.ReconnectBackoffMs;
        config.ReconnectBackoffMaxMs = settings.ReconnectBackoffMaxMs;
        config.MetadataMaxAgeMs = settings.MetadataMaxAgeMs;
        config.SocketKeepaliveEnable = settings.SocketKeepaliveEnable;
        config.SocketConnectionSetupTimeoutMs = 5_000;
        config.StatisticsIntervalMs = settings.StatisticsIntervalMs;
        config.Debug = settings.LibkafkaDebug;
        return config;
    }

    // The state of a connection is told by the status; the client's own lines about it come by the dozen each second. Its lines of level
    // Debug come only where extensions.kafka's libkafkaDebug asks for them.
    private void WriteLog(IClient client, LogMessage message)
    {
        var level = message.Level <= SyslogLevel.Alert ? LogLevel.Error : LogLevel.Debug;
        if (!_logger.IsEnabled(level))
        {
            return;
        }

        var facility = SafeText.OneLine(message.Facility, 32);
        if (message.Level == SyslogLevel.Debug)
        {
            Write(message.Message, 1);
        }
        else
        {
            _lines.GetOrAdd($"{message.Level} {facility}", _ => throttled.CreateLine<string>(Write)).Write(message.Message);
        }

        void Write(string text, long count)
        {
            text = SafeText.OneLine(text, 512);
            Log.Client(_logger, level, facility, text, count);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 21, Message = "The Kafka client says [{Facility}] {Message} ({Count} such lines since this was last logged)")]
        public static partial void Client(ILogger logger, LogLevel level, string facility, string message, long count);
    }
}
