namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>How many records of a topic a group had not committed at one moment. Immutable.</summary>
/// <param name="Partitions">The number for each partition, from 0.</param>
/// <param name="At">When Kafka told it, as a timestamp of the time provider.</param>
internal sealed record MeasuredLag(IReadOnlyList<long> Partitions, long At);
