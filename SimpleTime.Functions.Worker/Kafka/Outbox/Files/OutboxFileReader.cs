using System.Diagnostics.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>
/// Reads the records of a file from front to back, and goes on behind damaged ones at the next whose checksum holds. Not safe for use by
/// several threads.
/// </summary>
/// <param name="file">The file: as far as it was synced when this process created it, whole when a dead process left it.</param>
internal sealed class OutboxFileReader(OutboxFile file)
{
    private readonly FileWindow _window = new(file);

    // The sequence of the last record that was returned or counted as missing.
    private long _sequence;
    private bool _isHeaderRead;
    private OutboxRecord? _next;
    private int _nextBytes;

    // The search for the next record behind bytes that are none: it goes on where a disk error ended it.
    private bool _isSearching;
    private bool _beginsIncomplete;
    private bool _hasOnlyZeros;
    private int _damagedRecords;

    /// <summary>
    /// Gets whether there is nothing more to read for now. A file that is still appended to can have more later; one that
    /// <see cref="IsUnknown"/> is at its end too.
    /// </summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Gets the record that the next <see cref="Read"/> returns first, where it is known already; else null.</summary>
    public OutboxRecord? Next => _next;

    /// <summary>Gets how many records were found to be missing so far.</summary>
    public long Missing { get; private set; }

    /// <summary>Gets whether something else than valid records was found, other than what a crash before a sync leaves at the end.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Gets whether the file is of another version or has a record of another one: it must not be deleted.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>Reads the next records. Blocks. A disk error is thrown when nothing was read, and the next call goes on at the same place.</summary>
    /// <param name="maxRecords">The most records to return.</param>
    /// <param name="maxBytes">The most bytes that they take in the file; a single record may have more.</param>
    /// <returns>The records; none at the end.</returns>
    public IReadOnlyList<OutboxRecord> Read(int maxRecords, int maxBytes)
    {
        var records = new List<OutboxRecord>();
        try
        {
            while (TryFindNext(out var next) && records.Count < maxRecords && (records.Count == 0 || _nextBytes <= maxBytes))
            {
                records.Add(next);
                maxBytes -= _nextBytes;
                _window.Advance(_nextBytes);
                _next = null;
            }
        }
        catch (Exception e) when (records.Count > 0 && OutboxDisk.IsDiskError(e))
        {
            // The next call meets it again, if it still is there, and has nothing to return.
        }

        return records;
    }

    private bool TryFindNext([NotNullWhen(true)] out OutboxRecord? next)
    {
        if (_next is null && !IsUnknown)
        {
            if (_isSearching || IsDamageNext())
            {
                Search();
            }

            if (_next is null && !IsUnknown)
            {
                CountMissing(file.IsOwn ? file.Records + 1 : _sequence + 1);
            }
        }

        next = _next;
        IsAtEnd = next is null;
        return !IsAtEnd;
    }

    // Finds the record that stands next; true when something else stands there.
    private bool IsDamageNext()
    {
        if (_window.Position == _window.End)
        {
            return false;
        }

        if (!_isHeaderRead)
        {
            var header = _window.Peek(RecordFormat.FileHeader.Length);
            IsUnknown = !file.IsOwn && RecordFormat.IsOtherVersion(header);
            _isHeaderRead = true;
            if (!IsUnknown && !header.SequenceEqual(RecordFormat.FileHeader))
            {
                BeginSearch(beginsIncomplete: RecordFormat.FileHeader.StartsWith(header));
                return true;
            }

            _window.Advance(header.Length);
            return !IsUnknown && IsDamageNext();
        }

        if (TryReadHere(out var isIncomplete) || IsUnknown)
        {
            return false;
        }

        BeginSearch(isIncomplete);
        return true;
    }

    private void BeginSearch(bool beginsIncomplete)
    {
        _isSearching = true;
        _beginsIncomplete = beginsIncomplete;
        _hasOnlyZeros = true;
        _damagedRecords = 0;
    }

    private void Search()
    {
        while (_window.Peek(FileWindow.ChunkBytes) is { IsEmpty: false } bytes)
        {
            var marker = bytes.IndexOf(RecordFormat.Marker);
            if (marker == 0)
            {
                _hasOnlyZeros = false;
                if (TryReadHere(out var isIncomplete) || IsUnknown)
                {
                    IsDamaged = true;
                    _isSearching = false;
                    return;
                }

                _damagedRecords += isIncomplete ? 0 : 1;
                _window.Advance(1);
                continue;
            }

            // The beginning of a marker may stand at the end of the bytes.
            var isLast = _window.Position + bytes.Length == _window.End;
            var skipped = marker > 0 ? marker : isLast ? bytes.Length : bytes.Length - RecordFormat.Marker.Length + 1;
            _hasOnlyZeros &= !bytes[..skipped].ContainsAnyExcept((byte)0);
            _window.Advance(skipped);
        }

        _isSearching = false;
        EndOfSearch();
    }

    private void EndOfSearch()
    {
        // A dead process had not synced this.
        if (!file.IsOwn && _damagedRecords == 0 && (_beginsIncomplete || _hasOnlyZeros))
        {
            return;
        }

        IsDamaged = true;
        if (!file.IsOwn)
        {
            Missing += Math.Max(_damagedRecords, 1);
        }
    }

    private bool TryReadHere(out bool isIncomplete)
    {
        var frame = _window.Peek(RecordFormat.FrameBytes);
        if (frame.Length < RecordFormat.FrameBytes)
        {
            isIncomplete = frame.StartsWith(RecordFormat.Marker) || RecordFormat.Marker.StartsWith(frame);
            return false;
        }

        var length = RecordFormat.LengthOf(frame);
        isIncomplete = length > _window.End - _window.Position;
        if (length == 0 || isIncomplete)
        {
            return false;
        }

        var bytes = _window.Peek(length);
        if (bytes.Length < length || !RecordFormat.IsValid(bytes) || RecordFormat.SequenceOf(bytes) <= _sequence)
        {
            isIncomplete = bytes.Length < length;
            return false;
        }

        IsUnknown = !RecordFormat.IsKnown(bytes);
        if (IsUnknown || !RecordFormat.TryRead(bytes, out _next))
        {
            return false;
        }

        _nextBytes = length;
        CountMissing(RecordFormat.SequenceOf(bytes));
        _sequence++;
        return true;
    }

    private void CountMissing(long next)
    {
        Missing += next - _sequence - 1;
        IsDamaged |= next > _sequence + 1;
        _sequence = next - 1;
    }
}
