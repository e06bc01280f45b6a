using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>A file whose messages are sent, from front to back. Members block. Not safe for use by several threads.</summary>
/// <param name="file">The file, to which records may still be appended.</param>
internal sealed class BacklogFile(OutboxFile file)
{
    private OutboxRecord? _first;
    private long _missing;

    public OutboxFile File { get; } = file;

    public OutboxFileReader Reader { get; } = new(file);

    /// <summary>Gets whether the last <see cref="Read"/> came to the end; what is appended later is read by the next.</summary>
    public bool IsAtEnd => _first is null && Reader.IsAtEnd;

    /// <summary>Gets when the message was accepted that waits in it longest, about; null when it is read to its end.</summary>
    public DateTimeOffset? OldestUnread { get; private set; }

    /// <summary>Returns the first record, which the next <see cref="Read"/> returns; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public OutboxRecord? Peek()
    {
        _first ??= Reader.Read(1, 1) is [var first, ..] ? first : null;
        OldestUnread = _first?.AcceptedAt;
        return _first;
    }

    /// <summary>Notes that records were appended.</summary>
    /// <param name="oldest">When the oldest of them was accepted.</param>
    public void NoteWritten(DateTimeOffset oldest) => OldestUnread = OldestUnread < oldest ? OldestUnread : oldest;

    /// <summary>Reads on.</summary>
    /// <param name="maxRecords">The most records.</param>
    /// <param name="maxBytes">The most bytes, unless a single record is larger.</param>
    /// <exception cref="IOException">It cannot be read now; the next call goes on at the same place.</exception>
    public IReadOnlyList<OutboxRecord> Read(int maxRecords, int maxBytes)
    {
        IReadOnlyList<OutboxRecord> records = _first is { } first ? [first] : Reader.Read(maxRecords, maxBytes);
        _first = null;
        OldestUnread = IsAtEnd ? null : Reader.Next?.AcceptedAt ?? OldestUnread;
        return records;
    }

    /// <summary>Returns how many records were found to be missing since the last call.</summary>
    public long TakeMissing()
    {
        var missing = Reader.Missing - _missing;
        _missing = Reader.Missing;
        return missing;
    }
}
