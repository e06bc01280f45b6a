using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Knows, pauses, resumes and repositions the partitions that a consumer is assigned. Used by the consumer's thread, but for
/// <see cref="AreBehind"/>.
/// </summary>
internal sealed class AssignedPartitions(IConsumer<byte[]?, byte[]?> consumer, PartitionPositions positions)
{
    private readonly HashSet<TopicPartition> _paused = [];

    // Replaced as a whole, since others read it. Null before the group told of any.
    private volatile int[]? _known;

    public List<TopicPartition> All => consumer.Assignment;

    /// <summary>Gets whether the group has told the consumer its partitions, be they none.</summary>
    public bool AreKnown => _known is not null;

    /// <summary>Returns whether one of them has a lag; one of the topic's while they are not known. Safe for use by several threads.</summary>
    /// <param name="lags">The lag of each partition of the topic, in records.</param>
    public bool AreBehind(IReadOnlyList<long> lags) => _known is { } own
        ? own.Any(partition => lags.ElementAtOrDefault(partition) > 0)
        : lags.Any(lag => lag > 0);

    public bool Contains(TopicPartition partition) => consumer.Assignment.Contains(partition);

    /// <summary>Takes that the group added some.</summary>
    public void Add(IEnumerable<TopicPartition> partitions) => _known = [.. (_known ?? []).Union(partitions.Select(Number))];

    /// <summary>Pauses those that are not, also those that were assigned since the last time.</summary>
    public void PauseAll()
    {
        var running = consumer.Assignment.FindAll(partition => !_paused.Contains(partition));
        if (running.Count > 0)
        {
            consumer.Pause(running);
            _paused.UnionWith(running);
        }
    }

    /// <summary>Pauses one until it is repositioned. What the client has fetched of it is dropped.</summary>
    public void Pause(TopicPartition partition) => consumer.Pause([partition]);

    /// <summary>Resumes those that <see cref="PauseAll"/> paused.</summary>
    public void Resume()
    {
        if (_paused.Count > 0)
        {
            consumer.Resume(consumer.Assignment.Where(_paused.Contains));
            _paused.Clear();
        }
    }

    /// <summary>Has one go on at an offset; a special one stands for the committed offset. It is not paused then.</summary>
    public void Reposition(TopicPartitionOffset next)
    {
        var assignment = consumer.Assignment;
        var partition = next.TopicPartition;
        if (!assignment.Contains(partition))
        {
            return;
        }

        positions.Set(next);
        try
        {
            // A seek is refused while the partition has no valid position.
            consumer.IncrementalUnassign([partition]);
            consumer.IncrementalAssign([next]);
            consumer.Resume([partition]);
            _paused.Remove(partition);
        }
        catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
        {
            // An eager protocol, which a raw client property may ask for, changes the assignment as a whole.
            consumer.Assign(assignment.ConvertAll(other => new TopicPartitionOffset(other, positions.Next(other) ?? Offset.Unset)));
            consumer.Resume(assignment);
            _paused.Clear();
        }
    }

    /// <summary>Forgets those that are about to go.</summary>
    public void Forget(IReadOnlyCollection<TopicPartition> partitions)
    {
        _known = _known?.Except(partitions.Select(Number)).ToArray();
        consumer.Resume(partitions.Where(_paused.Remove).ToArray());
    }

    /// <summary>Takes that the group has put the consumer out: which ones are its own is not known until it is told again.</summary>
    public void ForgetAll() => _known = null;

    private static int Number(TopicPartition partition) => partition.Partition.Value;
}
