using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Hands the records out for replay, oldest first, and keeps account of those that are out. Reading is for one thread at a
/// time; completing and returning never wait for the disk and are safe for use by several threads.
/// </summary>
/// <param name="options">The spool's options.</param>
/// <param name="index">The segments.</param>
/// <param name="finished">Called when nobody needs a segment any longer.</param>
/// <param name="unreadable">Called with a segment that cannot be read, which then belongs to the index no longer.</param>
/// <param name="logger">The spool's logger.</param>
internal sealed class SpoolReplay(
    SpoolOptions options, SegmentIndex index, Action finished, Action<Segment> unreadable, ILogger logger)
{
    private readonly Lock _reading = new();
    private readonly Lock _lock = new();
    private readonly HashSet<SpooledRecord> _out = [];
    private readonly SortedSet<SpooledRecord> _returned = [];

    /// <summary>Takes records out: first what was returned, then what was not read yet. Blocks while it reads from the disk.</summary>
    /// <param name="maxRecords">The most records, at least 1.</param>
    /// <param name="maxBytes">The most bytes of payload; a first record that is larger comes alone.</param>
    public IReadOnlyList<SpooledRecord> Peek(int maxRecords, int maxBytes)
    {
        lock (_reading)
        {
            var batch = new PeekBatch(maxRecords, maxBytes);
            TakeReturned(batch);
            while (!batch.IsFull && index.TryFindReadable(out var range))
            {
                Read(range, batch);
            }

            return batch.Records;
        }
    }

    /// <summary>Ends a record's life. A repeated call does nothing, and a record that was returned may still be completed.</summary>
    public void Complete(SpooledRecord record)
    {
        lock (_lock)
        {
            if (!_out.Remove(record) && !_returned.Remove(record))
            {
                return;
            }
        }

        if (index.Release(record.Segment))
        {
            finished();
        }
    }

    /// <summary>Has a record come again with the next reading; does nothing for a completed one.</summary>
    public void Return(SpooledRecord record)
    {
        lock (_lock)
        {
            if (_out.Remove(record))
            {
                _returned.Add(record);
            }
        }
    }

    /// <summary>Has all records that are out come again.</summary>
    public void Rewind()
    {
        lock (_lock)
        {
            _returned.UnionWith(_out);
            _out.Clear();
        }
    }

    private void TakeReturned(PeekBatch batch)
    {
        lock (_lock)
        {
            while (_returned.Min is { } record && batch.TryAdd(record))
            {
                _returned.Remove(record);
                _out.Add(record);
            }
        }
    }

    private void Read(SegmentRange range, PeekBatch batch)
    {
        var first = batch.Records.Count;
        var next = range.Offset;
        try
        {
            using var reader = new SegmentReader(range.Segment.Path, range.Offset, range.End, options.MaxRecordBytes);
            while (!batch.IsFull && reader.TryRead(out var offset, out var payload))
            {
                if (!batch.Admits(payload.Length))
                {
                    break;
                }

                batch.TryAdd(new SpooledRecord(range.Segment, offset, payload.ToArray()));
                next = reader.Position;
            }

            if (!batch.IsFull)
            {
                next = range.End;
            }
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            logger.SegmentUnreadable(range.Segment.Path, e.Message);
            index.Remove(range.Segment);
            unreadable(range.Segment);
        }

        var read = batch.Records.Count - first;
        lock (_lock)
        {
            _out.UnionWith(batch.Records.Skip(first));
        }

        if (index.Read(range, next, read))
        {
            finished();
        }
    }
}
