using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Says where a partition goes on that has no position which Kafka accepts. Immutable.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Position">The offset to go on at.</param>
/// <param name="Expected">The offset that should have come next; null for a partition that nothing was read of yet.</param>
/// <param name="Kind">Why it goes on there.</param>
/// <param name="Undecodable">The batch that is skipped; null for none.</param>
internal sealed record PositionReset(TopicPartition Partition, Offset Position, Offset? Expected, PositionResetKind Kind, UndecodableBatch? Undecodable = null)
{
    /// <summary>Gets how many records Kafka had no longer when they should have been read.</summary>
    public long Missed => Kind == PositionResetKind.Missed ? Position.Value - Expected!.Value.Value : 0;

    /// <summary>Decides where a partition goes on.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="position">The offset that should come next; null or a special one when nothing was read yet.</param>
    /// <param name="committed">The committed offset; a special one when there is none.</param>
    /// <param name="ends">The first offset of the partition and the one behind its last.</param>
    /// <param name="start">Where a partition without a committed offset starts.</param>
    public static PositionReset Of(TopicPartition partition, Offset? position, Offset committed, WatermarkOffsets ends, AutoOffsetReset start)
    {
        var expected = position is { IsSpecial: false } read ? read : committed;
        if (expected.IsSpecial)
        {
            return new(partition, start == AutoOffsetReset.Latest ? ends.High : ends.Low, null, PositionResetKind.Start);
        }

        if (expected < ends.Low)
        {
            return new(partition, ends.Low, expected, PositionResetKind.Missed);
        }

        return expected > ends.High
            ? new(partition, ends.Low, expected, PositionResetKind.BeyondTheEnd)
            : new(partition, expected, expected, PositionResetKind.None);
    }
}

/// <summary>Names why a partition gets another position.</summary>
internal enum PositionResetKind
{
    /// <summary>It keeps the position it had.</summary>
    None,

    /// <summary>The group has committed nothing of it: it starts as <c>autoOffsetReset</c> says.</summary>
    Start,

    /// <summary>Kafka has removed the records that come next: it goes on at the first that is left.</summary>
    Missed,

    /// <summary>A batch that cannot be decoded is skipped.</summary>
    Undecodable,

    /// <summary>Its offset is beyond the end, so it is another topic's or was set by somebody: it is read from the beginning.</summary>
    BeyondTheEnd,

    /// <summary>Its topic was deleted and made anew: it is read from the beginning.</summary>
    NewTopic,
}
