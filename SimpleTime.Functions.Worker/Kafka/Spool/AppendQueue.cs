namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// The records that wait for the writer, bounded in bytes. Does no I/O and never waits for any. Safe for use by several
/// threads; one of them takes.
/// </summary>
/// <param name="options">The spool's options.</param>
/// <param name="index">The segments, whose bytes count against the spool's bound.</param>
internal sealed class AppendQueue(SpoolOptions options, SegmentIndex index)
{
    // What the headers of the segments that the queue can fill take.
    private readonly long _headerBytes =
        RecordFormat.SegmentHeader.Length * (Math.Min(options.QueueBytes, options.MaxBytes) / options.RollBytes + 2);

    private readonly Lock _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _records = new();
    private bool _isOpen = true;
    private bool _isClosedForGood;
    private long _bytes;
    private long _appended;
    private long _unwritten;

    /// <summary>Whether records are taken, as far as the disk is concerned.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _isOpen;
            }
        }
    }

    /// <summary>The bytes of the records that are not written, as they will be on disk.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The records that are not written.</summary>
    public long Records => Volatile.Read(ref _unwritten);

    /// <summary>The records that were ever taken.</summary>
    public long Appended
    {
        get
        {
            lock (_lock)
            {
                return _appended;
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _records.Count == 0;
            }
        }
    }

    /// <summary>Takes a record unless there is a reason not to.</summary>
    public AppendRefusal TryAdd(ReadOnlyMemory<byte> payload)
    {
        if (payload.IsEmpty || payload.Length > options.MaxRecordBytes)
        {
            return AppendRefusal.WrongSize;
        }

        var size = RecordFormat.FramedBytes(payload.Length);
        lock (_lock)
        {
            if (!_isOpen)
            {
                return AppendRefusal.Unusable;
            }

            if (index.Bytes + _bytes + size + _headerBytes > options.MaxBytes)
            {
                return AppendRefusal.Full;
            }

            if (_bytes + size > options.QueueBytes)
            {
                return AppendRefusal.QueueFull;
            }

            _records.Enqueue(payload);
            _bytes += size;
            _appended++;
            _unwritten++;
            return AppendRefusal.None;
        }
    }

    /// <summary>Takes out the oldest records, at least one if there is any. They count until <see cref="Release"/>.</summary>
    /// <param name="group">Where they go.</param>
    /// <param name="maxBytes">How many bytes of them.</param>
    public void Take(List<ReadOnlyMemory<byte>> group, int maxBytes)
    {
        lock (_lock)
        {
            var bytes = 0L;
            while (_records.TryPeek(out var next) && (bytes == 0 || bytes + RecordFormat.FramedBytes(next.Length) <= maxBytes))
            {
                bytes += RecordFormat.FramedBytes(next.Length);
                group.Add(_records.Dequeue());
            }
        }
    }

    /// <summary>Notes that records that were taken out are on disk, or lost.</summary>
    public void Release(List<ReadOnlyMemory<byte>> group)
    {
        var bytes = 0L;
        foreach (var record in group)
        {
            bytes += RecordFormat.FramedBytes(record.Length);
        }

        lock (_lock)
        {
            _bytes -= bytes;
            _unwritten -= group.Count;
        }
    }

    /// <summary>Takes records again, unless it was closed for good.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _isOpen = !_isClosedForGood;
        }
    }

    /// <summary>Takes no more records.</summary>
    public void Close(bool forGood)
    {
        lock (_lock)
        {
            _isClosedForGood |= forGood;
            _isOpen = false;
        }
    }
}
