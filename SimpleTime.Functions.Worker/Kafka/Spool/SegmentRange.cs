namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>The bytes of a segment from <paramref name="Offset"/> to <paramref name="End"/>, at both of which a record begins or ends.</summary>
internal readonly record struct SegmentRange(Segment Segment, long Offset, long End);
