namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>The records of one reading, as they are collected. Not safe for use by several threads.</summary>
internal sealed class PeekBatch(int maxRecords, int maxBytes)
{
    private readonly List<SpooledRecord> _records = [];
    private long _bytes;

    public IReadOnlyList<SpooledRecord> Records => _records;

    /// <summary>Whether there is no room for a further record, or for the last that was tried.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether there is room; the first record always has it.</summary>
    public bool Admits(int payloadBytes)
    {
        IsFull = _records.Count > 0 && (_records.Count >= maxRecords || _bytes + payloadBytes > maxBytes);
        return !IsFull;
    }

    public bool TryAdd(SpooledRecord record)
    {
        if (!Admits(record.Payload.Length))
        {
            return false;
        }

        _records.Add(record);
        _bytes += record.Payload.Length;
        IsFull = _records.Count >= maxRecords;
        return true;
    }
}
