using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>What a poll of a partition gave: a record, a batch that cannot be decoded, or only that everything before an offset is read.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Next">The offset to commit once it is done.</param>
/// <param name="Record">The record; null for none.</param>
/// <param name="Undecodable">The batch that cannot be decoded; null for none.</param>
internal readonly record struct PolledItem(
    TopicPartition Partition, Offset Next, ConsumeResult<byte[]?, byte[]?>? Record = null, UndecodableBatch? Undecodable = null)
{
    /// <summary>Returns what a consumer gave.</summary>
    public static PolledItem Of(ConsumeResult<byte[]?, byte[]?> result) => result.IsPartitionEOF
        ? new(result.TopicPartition, result.Offset)
        : new(result.TopicPartition, result.Offset + 1, result);
}
