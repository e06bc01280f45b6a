using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Commits where partitions without a committed offset start, so that an idle one has a lag of 0 and not an unknown one
/// (KEDA would scale by it: kedacore/keda #2033, #2612). Used by the consumer's thread.
/// </summary>
internal sealed class StartingPositions(AutoOffsetReset reset)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    /// <summary>Commits the starting positions of newly assigned partitions, before anything of them is consumed.</summary>
    /// <exception cref="KafkaException">The broker did not answer or refused.</exception>
    public void Commit(IConsumer<byte[]?, byte[]?> consumer, IReadOnlyCollection<TopicPartition> assigned)
    {
        if (assigned.Count == 0)
        {
            return;
        }

        var starts = new List<TopicPartitionOffset>();
        foreach (var committed in consumer.Committed(assigned, _timeout).Where(c => c.Offset == Offset.Unset))
        {
            var watermarks = consumer.QueryWatermarkOffsets(committed.TopicPartition, _timeout);
            starts.Add(new(committed.TopicPartition, reset == AutoOffsetReset.Latest ? watermarks.High : watermarks.Low));
        }

        if (starts.Count > 0)
        {
            consumer.Commit(starts);
        }
    }
}
