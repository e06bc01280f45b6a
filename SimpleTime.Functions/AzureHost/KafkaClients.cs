using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Native;

namespace SimpleTime.Functions.AzureHost;

/// <summary>Makes the app's own Kafka clients, without TLS or SASL like the bindings. Safe for use by several threads.</summary>
internal sealed partial class KafkaClients(IConfiguration configuration, ILogger<KafkaClients> logger)
{
    // Whoever waits for an acknowledgement is not left waiting for the five minutes of an output.
    private const int MessageTimeoutMs = 30_000;

    private int _isToldOfLibrary;

    /// <summary>Gets the brokers, as they were set.</summary>
    public string Brokers { get; } = configuration["KAFKA_BROKERS"] ?? "";

    /// <summary>Returns a client for questions: metadata, and a group's offsets without joining it.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="onError">Told of the client's errors.</param>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">librdkafka cannot be loaded.</exception>
    public IConsumer<Ignore, Ignore> CreateObserver(string group, Action<Error> onError) =>
        new ConsumerBuilder<Ignore, Ignore>(Common(new ConsumerConfig
        {
            GroupId = group,
            EnableAutoCommit = false,
            AllowAutoCreateTopics = false,

            // A lag up to the end of the committed records is too small while a transaction is open.
            IsolationLevel = IsolationLevel.ReadUncommitted,
        })).SetErrorHandler((_, error) => onError(error)).SetLogHandler(Write).Build();

    /// <summary>Returns an idempotent producer that gives up after 30 s.</summary>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">librdkafka cannot be loaded.</exception>
    public IProducer<byte[]?, byte[]> CreateProducer() =>
        new ProducerBuilder<byte[]?, byte[]>(Common(new ProducerConfig
        {
            EnableIdempotence = true,
            // See KafkaClientFactory.
            MaxInFlight = 1,
            Acks = Acks.All,
            CompressionType = CompressionType.Lz4,
            MessageTimeoutMs = MessageTimeoutMs,
        })).SetErrorHandler(static (_, _) => { }).SetLogHandler(Write).Build();

    private T Common<T>(T config)
        where T : ClientConfig
    {
        LibrdkafkaLibrary.EnsureLoaded();
        if (LibrdkafkaLibrary.Problem is { } problem && Interlocked.Exchange(ref _isToldOfLibrary, 1) == 0)
        {
            Log.LibraryDiffers(logger, problem);
        }

        config.BootstrapServers = Brokers;
        config.ClientId = "simple-time-service";
        config.ReconnectBackoffMs = 1_000;
        config.ReconnectBackoffMaxMs = 2_000;
        config.SocketKeepaliveEnable = true;
        config.SocketConnectionSetupTimeoutMs = 5_000;
        return config;
    }

    // The state of a connection is told by the status; the client's own lines about it come by the dozen each second.
    private void Write(IClient client, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Alert)
        {
            Log.ClientAlert(logger, SafeText.OneLine(message.Message, 512));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(502, LogLevel.Error, "The Kafka client says: {Message}")]
        public static partial void ClientAlert(ILogger logger, string message);

        [LoggerMessage(503, LogLevel.Warning, "{Problem}")]
        public static partial void LibraryDiffers(ILogger logger, string problem);
    }
}
