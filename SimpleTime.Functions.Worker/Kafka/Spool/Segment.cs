namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>What is known of a segment file. The settable members belong to <see cref="SegmentIndex"/> and its lock.</summary>
/// <param name="number">The place in the order of all segments: the time of creation in Unix milliseconds, made unique.</param>
/// <param name="path">The file.</param>
/// <param name="folder">The folder that it is in.</param>
internal sealed class Segment(long number, string path, SpoolFolder folder) : IComparable<Segment>
{
    public long Number { get; } = number;

    public string Path { get; } = path;

    public SpoolFolder Folder { get; } = folder;

    /// <summary>The size of the file.</summary>
    public long FileBytes { get; set; }

    /// <summary>Where the readable records end.</summary>
    public long End { get; set; }

    /// <summary>Where the next record to replay begins.</summary>
    public long ReadOffset { get; set; } = RecordFormat.SegmentHeader.Length;

    /// <summary>The records from <see cref="ReadOffset"/> to <see cref="End"/>.</summary>
    public long Unread { get; set; }

    /// <summary>The records that were read and are not completed.</summary>
    public long Held { get; set; }

    /// <summary>Whether records of it may not survive the loss of power, whatever is synced from now on.</summary>
    public bool IsDoubtful { get; set; }

    /// <summary>Whether <see cref="End"/> and <see cref="Unread"/> are known, which takes reading a file of an earlier process.</summary>
    public bool IsVerified { get; set; }

    public bool IsReadable => IsVerified && ReadOffset < End;

    /// <summary>Whether nobody needs the file any longer, unless it is still written to.</summary>
    public bool IsFinished => IsVerified && ReadOffset >= End && Held == 0;

    public int CompareTo(Segment? other) =>
        other is null ? 1 : Number != other.Number ? Number.CompareTo(other.Number) : string.CompareOrdinal(Path, other.Path);
}
