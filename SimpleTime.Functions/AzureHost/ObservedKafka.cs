using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.AzureHost;

/// <summary>
/// Kafka as a client of the app's own sees it, since those that send and consume are in the Azure Functions host, another process. Safe
/// for use by several threads.
/// </summary>
internal sealed class ObservedKafka : IKafka, IHostedService, IDisposable
{
    private static readonly string[] _emitters = [nameof(Time), nameof(KafkaPublish), nameof(KafkaFlush)];

    private readonly TopicMonitor _monitor;
    private readonly ConsumerFailure _failure;
    private readonly bool _sends;
    private readonly bool _consumes;

    /// <param name="configuration">The settings, defaults included.</param>
    /// <param name="clients">Makes the client.</param>
    /// <param name="failure">Knows why events are not stored.</param>
    /// <param name="loops">Runs the loops that ask Kafka.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Told when Kafka comes and goes.</param>
    public ObservedKafka(
        IConfiguration configuration, KafkaClients clients, ConsumerFailure failure, BackgroundLoops loops, TimeProvider time, ILoggerFactory loggers)
    {
        var topic = configuration["KAFKA_TOPIC_EVENTS"] ?? "";
        var group = configuration["KAFKA_CONSUMER_GROUP"] ?? "";
        _monitor = new TopicMonitor(
            clients.Brokers, topic, group, onError => clients.CreateObserver(group, onError), loops, time, loggers.CreateLogger<TopicMonitor>());
        _failure = failure;
        _sends = Array.Exists(_emitters, function => EnabledFunctions.Include(configuration, function));
        _consumes = EnabledFunctions.Include(configuration, nameof(PersistEvents));
    }

    public bool IsUp => _monitor.IsUp;

    /// <summary>Returns all that is known now. The clients of the host count as up while this one is; what they hold is not known.</summary>
    public KafkaStatusSnapshot Snapshot()
    {
        var isUp = IsUp;
        return new KafkaStatusSnapshot
        {
            IsUp = isUp,
            Producer = State(_sends, isUp),
            Consumer = State(_consumes, isUp),
            Brokers = _monitor.BrokerList,
            Topic = _monitor.Topic,
            ConsumerGroup = _monitor.Lag?.Group ?? "",
            Pending = null,
            Lag = _monitor.Lag?.Total,
            PausedReason = _failure.Reason,
            Reason = _monitor.Reason,
        };
    }

    /// <summary>Returns true: the Azure Functions host takes events after the answer and tells a worker nothing of it.</summary>
    /// <inheritdoc/>
    public bool IsAccepted(HttpContext request) => true;

    /// <summary>Null at once: the host does not tell what Kafka has acknowledged.</summary>
    /// <inheritdoc/>
    public ValueTask<long?> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _monitor.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _monitor.StopAsync();

    public void Dispose() => _monitor.Dispose();

    private static KafkaState State(bool isUsed, bool isUp) => !isUsed ? KafkaState.Disabled : isUp ? KafkaState.Up : KafkaState.NotUp;
}
