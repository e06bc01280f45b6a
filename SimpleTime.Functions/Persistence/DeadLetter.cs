namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>dead_letters</c>: a record that cannot be read as an event.</summary>
/// <param name="EventId">The record's position, <c>{topic}/{partition}/{offset}@{timestampMs}</c>, or the id that a replay gave it.</param>
/// <param name="Timestamp">The record's own time.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="Key">The first 64 KiB of the key; null when there is none.</param>
/// <param name="Payload">The first 64 KiB of the value; null when there is none.</param>
/// <param name="PayloadBytes">The size of the whole value, in bytes; <see cref="UnknownSize"/> for records that cannot be decoded.</param>
/// <param name="Reason">Why it cannot be read: one line of at most 256 characters.</param>
public sealed record DeadLetter(
    string EventId,
    string Timestamp,
    string Topic,
    int Partition,
    long Offset,
    ReadOnlyMemory<byte>? Key,
    ReadOnlyMemory<byte>? Payload,
    int PayloadBytes,
    string Reason)
    : StoredRecord(EventId, Timestamp)
{
    /// <summary>Stands for the size of records that cannot be decoded.</summary>
    public const int UnknownSize = -1;

    internal static StoreTable Schema { get; } = new(
        "dead_letters",
        ("topic", ColumnType.Text),
        ("partition", ColumnType.Integer),
        ("offset", ColumnType.Integer),
        ("key", ColumnType.Bytes),
        ("payload", ColumnType.Bytes),
        ("payload_bytes", ColumnType.Integer),
        ("reason", ColumnType.Text),
        ("timestamp", ColumnType.Time),
        ("event_id", ColumnType.Text),
        ("replayed_at", ColumnType.Time));

    internal override StoreTable Table => Schema;

    internal override void WriteTo(IColumnWriter columns)
    {
        columns.Write(Topic);
        columns.Write(Partition);
        columns.Write(Offset);
        columns.Write(Key);
        columns.Write(Payload);
        columns.Write(PayloadBytes);
        columns.Write(Reason);
        columns.Write(Timestamp);
        columns.Write(EventId);
        columns.Write((string?)null);
    }
}
