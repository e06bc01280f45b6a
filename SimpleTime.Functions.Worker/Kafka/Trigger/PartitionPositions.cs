using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Keeps the offset that comes next in each partition, and asks Kafka for the one to go on at where there is none that it accepts. Used by
/// the consumer's thread, which waits for the answers.
/// </summary>
/// <param name="consumer">Asks for the ends of partitions.</param>
/// <param name="offsets">Asks for what is committed.</param>
/// <param name="start">Where a partition without a committed offset starts.</param>
/// <param name="time">The clock.</param>
internal sealed class PartitionPositions(IConsumer<byte[]?, byte[]?> consumer, GroupOffsets offsets, AutoOffsetReset start, TimeProvider time)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    private readonly Dictionary<TopicPartition, Offset> _next = [];

    /// <summary>Returns the offset that comes next; null when nothing was read of the partition.</summary>
    public Offset? Next(TopicPartition partition) => _next.TryGetValue(partition, out var next) ? next : null;

    /// <summary>Takes a record, or the end of a partition, as read.</summary>
    public void Polled(ConsumeResult<byte[]?, byte[]?> result) =>
        _next[result.TopicPartition] = result.IsPartitionEOF ? result.Offset : result.Offset + 1;

    /// <summary>Takes another position of a partition; a special one stands for the committed offset.</summary>
    public void Set(TopicPartitionOffset position)
    {
        if (position.Offset.IsSpecial)
        {
            _next.Remove(position.TopicPartition);
        }
        else
        {
            _next[position.TopicPartition] = position.Offset;
        }
    }

    /// <summary>Forgets partitions.</summary>
    public void Forget(IReadOnlyCollection<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _next.Remove(partition);
        }
    }

    /// <summary>Finds where assigned partitions start.</summary>
    /// <returns>
    /// One of each: <see cref="Offset.Unset"/> where there is a committed offset, or where Kafka did not answer within 2 s in all.
    /// </returns>
    /// <param name="partitions">The partitions.</param>
    /// <param name="committed">What is committed of them; empty where Kafka did not answer.</param>
    public IReadOnlyList<TopicPartitionOffset> Start(List<TopicPartition> partitions, out IReadOnlyList<CommittedOffset> committed)
    {
        committed = [];
        var starts = partitions.ToDictionary(partition => partition, _ => Offset.Unset);
        var since = time.GetTimestamp();
        try
        {
            committed = partitions.Count == 0 ? [] : offsets.Committed(partitions, _timeout);
            foreach (var none in committed.Where(c => c.Offset.IsSpecial))
            {
                if (_timeout - time.GetElapsedTime(since) is var left && left <= TimeSpan.Zero)
                {
                    break;
                }

                var ends = consumer.QueryWatermarkOffsets(none.Partition, left);
                starts[none.Partition] = PositionReset.Of(none.Partition, null, none.Offset, ends, start).Position;
            }
        }
        catch (KafkaException)
        {
            // The client finds out by itself, and tells of each partition that has no position.
        }

        return [.. starts.Select(position => new TopicPartitionOffset(position.Key, position.Value))];
    }

    /// <summary>Finds where a partition goes on whose position Kafka does not accept.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isNewTopic">Whether its topic was made anew, so that no offset known of it counts.</param>
    /// <exception cref="KafkaException">Kafka did not answer, or refused.</exception>
    public PositionReset Find(TopicPartition partition, bool isNewTopic)
    {
        var ends = consumer.QueryWatermarkOffsets(partition, _timeout);
        if (isNewTopic)
        {
            return new(partition, ends.Low, Next(partition), PositionResetKind.NewTopic);
        }

        var committed = Next(partition) is null ? offsets.Committed([partition], _timeout)[0].Offset : Offset.Unset;
        return PositionReset.Of(partition, Next(partition), committed, ends, start);
    }
}
