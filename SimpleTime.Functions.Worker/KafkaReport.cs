namespace SimpleTime.Functions.Worker;

/// <summary>What the host knows of Kafka at one moment. Immutable.</summary>
/// <param name="IsUp">Whether each topic of the app had a leader for a partition within the last 6 s.</param>
/// <param name="Producer">The state of the producers; not up, too, while a background loop fails that they need.</param>
/// <param name="Consumer">The state of the consumers; not up, too, while a background loop fails that they need.</param>
/// <param name="Brokers">The broker lists, separated by commas.</param>
/// <param name="Topic">The topics, separated by commas.</param>
/// <param name="ConsumerGroup">The consumer groups, separated by commas.</param>
/// <param name="Pending">Messages accepted by this instance and not acknowledged yet.</param>
/// <param name="Lag">Records that the groups have not committed; null when unknown.</param>
/// <param name="PausedReason">Why no records are taken now, at most 512 characters on one line; null while they are.</param>
/// <param name="Reason">Why Kafka is not up, or which part of it cannot be used while it is, at most 512 characters on one line; null when all is well.</param>
public sealed record KafkaReport(
    bool IsUp,
    KafkaClientState Producer,
    KafkaClientState Consumer,
    string Brokers,
    string Topic,
    string ConsumerGroup,
    long Pending,
    long? Lag,
    string? PausedReason,
    string? Reason);
