
namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>dead_letters</c> as it is read back. Immutable.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="EventId">The letter's own key.</param>
/// <param name="Timestamp">The record's time; empty when it is not known.</param>
/// <param name="Topic">The topic it came from.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="Key">What is stored of the key; null when there was none.</param>
/// <param name="Payload">What is stored of the value; null when there was none.</param>
/// <param name="PayloadBytes">The size of the whole value, in bytes.</param>
/// <param name="Reason">Why it could not be read.</param>
/// <param name="ReplayedAt">When it was last replayed; null for never.</param>
internal sealed record StoredDeadLetter(
    long Id,
    string EventId,
    string Timestamp,
    string Topic,
    long Partition,
    long Offset,
    byte[]? Key,
    byte[]? Payload,
    long PayloadBytes,
    string Reason,
    string? ReplayedAt)
{
    // The reader keeps as much of keys and values, and the size of values alone.
    private const int MaxKept = 64 * 1024;

    /// <summary>Gets whether it stands for records that could not be decoded, so that nothing of them is stored.</summary>
    public bool IsUndecodable => PayloadBytes == DeadLetter.UnknownSize;

    /// <summary>Gets whether the record was larger than what is stored of it, or may have been.</summary>
    public bool IsTruncated => PayloadBytes > (Payload?.Length ?? 0) || Key?.Length >= MaxKept;
}
