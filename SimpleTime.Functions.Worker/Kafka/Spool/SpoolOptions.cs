namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>How a spool keeps its records. Immutable.</summary>
/// <param name="Path">The folder of EVENT_SPOOL_PATH, which several processes may share.</param>
/// <param name="MaxBytes">The most bytes on disk and in the queue that one process may own; at it, new records are refused.</param>
internal sealed record SpoolOptions(string Path, long MaxBytes)
{
    /// <summary>The size at which a segment file is closed and a new one begun, in bytes. A larger record has one for itself.</summary>
    public int SegmentBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The longest time from taking a record to having it on the disk for certain.</summary>
    public TimeSpan FsyncInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The most bytes that wait in memory to be written.</summary>
    public long QueueBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The largest payload, in bytes.</summary>
    public int MaxRecordBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>The segment size in use: a small spool has small ones, as only a whole segment's space becomes free again.</summary>
    public int RollBytes => (int)Math.Min(SegmentBytes, Math.Max(MaxBytes / 8, 64 * 1024));
}
