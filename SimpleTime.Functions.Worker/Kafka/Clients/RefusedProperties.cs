using System.Collections.Frozen;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>
/// The client's own properties (librdkafka 2.16, Confluent.Kafka's <c>dotnet.*</c>) that host.json's <c>extensions.kafka.librdkafka</c>
/// may not set, since they would replace what the service reports, what KEDA watches, or what keeps events from being lost. Those that
/// decide where and how a client connects are in <see cref="Security.SecurityProperties"/>; those that only code can set the client refuses itself.
/// </summary>
internal static class RefusedProperties
{
    private const string Loss = "without it events would be lost";
    private const string Consumption = "the trigger's own value is needed";
    private const string Trust = "it would load another program's code";
    private const string Topics = "the state of topics would be reported wrongly";
    private const string Callbacks = "what the client tells would reach nobody";
    private const string Transactions = "outputs are not transactional";
    private const string Shares = "the trigger is not a share consumer";

    private static readonly FrozenDictionary<string, string> _reasons = new Dictionary<string, string>
    {
        ["acks"] = Loss,
        ["request.required.acks"] = Loss,
        ["enable.idempotence"] = Loss,
        ["max.in.flight.requests.per.connection"] = Loss,
        ["max.in.flight"] = Loss,
        ["enable.auto.commit"] = Loss,
        ["auto.commit.enable"] = Loss,
        ["enable.auto.offset.store"] = Loss,
        ["offset.store.method"] = Loss,
        ["offset.store.path"] = Loss,
        ["offset.store.sync.interval.ms"] = Loss,
        ["delivery.report.only.error"] = Loss,
        ["dotnet.producer.enable.delivery.reports"] = Loss,
        ["dotnet.producer.delivery.report.fields"] = Loss,
        ["dotnet.producer.enable.background.poll"] = Loss,
        ["enable.gapless.guarantee"] = "a message that is not delivered in time would end the client",
        ["transactional.id"] = Transactions,
        ["transaction.timeout.ms"] = Transactions,
        ["message.timeout.ms"] = PlaceIs("the output's MessageTimeoutMs"),
        ["delivery.timeout.ms"] = PlaceIs("the output's MessageTimeoutMs"),
        ["group.id"] = PlaceIs("the trigger's ConsumerGroup"),
        ["check.crcs"] = Consumption,
        ["enable.partition.eof"] = Consumption,
        ["dotnet.consumer.consume.result.fields"] = Consumption,
        ["max.poll.records"] = Shares,
        ["share.acknowledgement.mode"] = Shares,
        ["allow.auto.create.topics"] = Topics,
        ["topic.blacklist"] = Topics,
        ["enabled_events"] = Callbacks,
        ["log.queue"] = Callbacks,
        ["internal.termination.signal"] = "signals belong to the service",
        ["plugin.library.paths"] = Trust,
        ["auto.offset.reset"] = KeyIs("autoOffsetReset"),
        ["auto.commit.interval.ms"] = KeyIs("autoCommitIntervalMs"),
        ["session.timeout.ms"] = KeyIs("sessionTimeoutMs"),
        ["max.poll.interval.ms"] = KeyIs("maxPollIntervalMs"),
        ["metadata.max.age.ms"] = KeyIs("metadataMaxAgeMs"),
        ["socket.keepalive.enable"] = KeyIs("socketKeepaliveEnable"),
        ["reconnect.backoff.ms"] = KeyIs("reconnectBackoffMs"),
        ["reconnect.backoff.max.ms"] = KeyIs("reconnectBackoffMaxMs"),
        ["queued.min.messages"] = KeyIs("queuedMinMessages"),
        ["queued.max.messages.kbytes"] = KeyIs("queuedMaxMessagesKbytes"),
        ["max.partition.fetch.bytes"] = KeyIs("maxPartitionFetchBytes"),
        ["fetch.message.max.bytes"] = KeyIs("maxPartitionFetchBytes"),
        ["fetch.max.bytes"] = KeyIs("fetchMaxBytes"),
        ["statistics.interval.ms"] = KeyIs("statisticsIntervalMs"),
        ["debug"] = KeyIs("libkafkaDebug"),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tells why a property is not taken; null when it is.</summary>
    public static string? Reason(string property) => _reasons.GetValueOrDefault(property);

    private static string PlaceIs(string place) => $"its place is {place}";

    private static string KeyIs(string key) => PlaceIs($"extensions.kafka's {key}");
}
