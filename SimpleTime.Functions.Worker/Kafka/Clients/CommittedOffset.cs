using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>Says what a group has committed of a partition. Immutable.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset; <see cref="Offset.Unset"/> where nothing is committed.</param>
/// <param name="Metadata">The text that was committed with it; null for none.</param>
internal sealed record CommittedOffset(TopicPartition Partition, Offset Offset, string? Metadata);
