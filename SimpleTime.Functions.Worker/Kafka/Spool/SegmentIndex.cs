namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// The segments that this process owns, in the order of their replay, and what of each is still to be replayed. Does no I/O.
/// Safe for use by several threads.
/// </summary>
internal sealed class SegmentIndex
{
    private readonly Lock _lock = new();
    private readonly SortedSet<Segment> _segments = [];
    private long _bytes;
    private long _records;
    private int _count;
    private int _unverified;

    /// <summary>The sizes of the files, in bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The records that are not completed, without those of segments that are not verified yet.</summary>
    public long Records => Volatile.Read(ref _records);

    /// <summary>Whether there is no segment.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public void Add(Segment segment)
    {
        lock (_lock)
        {
            if (_segments.Add(segment))
            {
                _bytes += segment.FileBytes;
                _records += segment.Unread;
                _count++;
                _unverified += segment.IsVerified ? 0 : 1;
            }
        }
    }

    /// <summary>The highest number of a segment, 0 without any.</summary>
    public long HighestNumber()
    {
        lock (_lock)
        {
            return _segments.Max?.Number ?? 0;
        }
    }

    /// <summary>Forgets a segment with all that is in it.</summary>
    /// <returns>How many records were not completed.</returns>
    public long Remove(Segment segment)
    {
        lock (_lock)
        {
            if (!_segments.Remove(segment))
            {
                return 0;
            }

            var left = segment.Unread + segment.Held;
            _bytes -= segment.FileBytes;
            _records -= left;
            _count--;
            _unverified -= segment.IsVerified ? 0 : 1;
            return left;
        }
    }

    /// <summary>Notes records that were written at the end of a segment.</summary>
    public void Grow(Segment segment, int bytes, int records)
    {
        lock (_lock)
        {
            segment.FileBytes += bytes;
            segment.End = segment.FileBytes;
            segment.Unread += records;
            if (_segments.Contains(segment))
            {
                _bytes += bytes;
                _records += records;
            }
        }
    }

    /// <summary>The first segment whose records are not counted yet, or null.</summary>
    public Segment? FirstUnverified()
    {
        lock (_lock)
        {
            return _unverified == 0 ? null : _segments.FirstOrDefault(segment => !segment.IsVerified);
        }
    }

    /// <summary>Notes what was found in a segment of an earlier process, from which on it can be read.</summary>
    public void Verify(Segment segment, long end, long records)
    {
        lock (_lock)
        {
            segment.IsVerified = true;
            segment.End = end;
            segment.Unread = records;
            if (_segments.Contains(segment))
            {
                _unverified--;
                _records += records;
            }
        }
    }

    /// <summary>Finds the first records to read; none while an older segment is to be verified first.</summary>
    public bool TryFindReadable(out SegmentRange range)
    {
        lock (_lock)
        {
            foreach (var segment in _segments)
            {
                if (!segment.IsVerified)
                {
                    break;
                }

                if (segment.IsReadable)
                {
                    range = new SegmentRange(segment, segment.ReadOffset, segment.End);
                    return true;
                }
            }
        }

        range = default;
        return false;
    }

    /// <summary>Notes that records were read.</summary>
    /// <param name="range">What was found to read.</param>
    /// <param name="offset">Where reading is to go on.</param>
    /// <param name="records">How many of the records before that are held.</param>
    /// <returns>Whether nobody needs the segment any longer.</returns>
    public bool Read(SegmentRange range, long offset, int records)
    {
        var segment = range.Segment;
        lock (_lock)
        {
            segment.ReadOffset = offset;
            segment.Held += records;
            // At the end of a file that is not written to, what was not read is damaged.
            var unread = offset >= segment.End ? 0 : Math.Max(segment.Unread - records, 0);
            if (_segments.Contains(segment))
            {
                _records += unread + records - segment.Unread;
            }

            segment.Unread = unread;
            return segment.IsFinished;
        }
    }

    /// <summary>Notes that a held record is completed.</summary>
    /// <returns>Whether nobody needs the segment any longer.</returns>
    public bool Release(Segment segment)
    {
        lock (_lock)
        {
            segment.Held--;
            if (_segments.Contains(segment))
            {
                _records--;
            }

            return segment.IsFinished;
        }
    }

    /// <summary>The segments that nobody needs any longer, unless one is still written to.</summary>
    public List<Segment> Finished()
    {
        lock (_lock)
        {
            List<Segment>? finished = null;
            foreach (var segment in _segments)
            {
                if (segment.IsFinished)
                {
                    (finished ??= []).Add(segment);
                }
            }

            return finished ?? [];
        }
    }

    /// <summary>Notes that a sync of a segment failed: the system may have dropped what was to be synced, and says so only once.</summary>
    public void Doubt(Segment segment)
    {
        lock (_lock)
        {
            segment.IsDoubtful = true;
        }
    }

    /// <summary>Whether there are records of which nobody knows whether they are synced.</summary>
    public bool HasDoubtful()
    {
        lock (_lock)
        {
            return _segments.Any(segment => segment.IsDoubtful && !segment.IsFinished);
        }
    }

    /// <summary>Whether a folder has segments.</summary>
    public bool HasAnyOf(SpoolFolder folder)
    {
        lock (_lock)
        {
            return _segments.Any(segment => segment.Folder == folder);
        }
    }
}
