namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>A record that was read to be replayed. Orders as it was appended. The payload is immutable.</summary>
internal sealed class SpooledRecord(Segment segment, long offset, byte[] payload) : IComparable<SpooledRecord>
{
    /// <summary>What was appended.</summary>
    public byte[] Payload { get; } = payload;

    /// <summary>Where it stands; for the spool only.</summary>
    public Segment Segment { get; } = segment;

    /// <summary>Where it stands in the segment, in bytes; for the spool only.</summary>
    public long Offset { get; } = offset;

    public int CompareTo(SpooledRecord? other)
    {
        if (other is null)
        {
            return 1;
        }

        var bySegment = Segment.CompareTo(other.Segment);
        return bySegment != 0 ? bySegment : Offset.CompareTo(other.Offset);
    }
}
