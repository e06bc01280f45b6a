using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>What a trigger and host.json say of a listener. Immutable.</summary>
/// <param name="Function">The name of the function.</param>
/// <param name="BrokerList">The broker list.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Group">The consumer group.</param>
/// <param name="MaxBatchSize">The most records of one invocation; 1 for a function that takes one.</param>
/// <param name="Linger">How long a batch waits for records to fill it.</param>
/// <param name="Retry">When a failed batch is tried again.</param>
/// <param name="Reset">Where a partition without a committed offset starts.</param>
/// <param name="MaxPollInterval">How long the group waits for a poll before it gives the partitions away.</param>
/// <param name="CommitInterval">How long at the least from one commit to the next.</param>
/// <param name="KeepsUndecodable">Whether the app keeps batches that cannot be decoded, so that they may be skipped.</param>
internal sealed record ListenerOptions(
    string Function,
    string BrokerList,
    string Topic,
    string Group,
    int MaxBatchSize,
    TimeSpan Linger,
    RetrySchedule Retry,
    AutoOffsetReset Reset,
    TimeSpan MaxPollInterval,
    TimeSpan CommitInterval,
    bool KeepsUndecodable);
