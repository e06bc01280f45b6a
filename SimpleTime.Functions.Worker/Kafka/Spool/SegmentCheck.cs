using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>
/// Reads the segments that an earlier process left once through, to count their records and to tell what is damaged.
/// Not safe for use by several threads.
/// </summary>
internal sealed class SegmentCheck(SpoolOptions options, SegmentIndex index, SpoolFolders folders, ILogger logger)
{
    /// <summary>Verifies the oldest segment that is not. Blocks while it reads.</summary>
    /// <returns>False when there is none.</returns>
    public bool VerifyNext()
    {
        if (index.FirstUnverified() is not { } segment)
        {
            return false;
        }

        try
        {
            Verify(segment);
        }
        catch (Exception e) when (SpoolDisk.IsDiskError(e))
        {
            folders.Ignore(segment);
            index.Remove(segment);
            logger.SegmentUnreadable(segment.Path, e.Message);
        }

        return true;
    }

    private void Verify(Segment segment)
    {
        var header = RecordFormat.SegmentHeader;
        if (!HasHeader(segment))
        {
            if (segment.FileBytes > header.Length)
            {
                SetAside(segment);
            }
            else
            {
                // The process ended as it began the file.
                index.Verify(segment, 0, 0);
            }

            return;
        }

        var records = 0L;
        using var reader = new SegmentReader(segment.Path, header.Length, segment.FileBytes, options.MaxRecordBytes);
        while (reader.TryRead(out _, out _))
        {
            records++;
        }

        if (reader.DamagedBytes > 0)
        {
            logger.SegmentDamaged(reader.DamagedBytes, segment.Path, records);
        }

        index.Verify(segment, reader.ValidEnd, records);
    }

    private static bool HasHeader(Segment segment)
    {
        var expected = RecordFormat.SegmentHeader;
        Span<byte> header = stackalloc byte[expected.Length];
        using var file = SpoolDisk.OpenToRead(segment.Path);
        return RandomAccess.Read(file, header, 0) == header.Length && header.SequenceEqual(expected);
    }

    // It may be of a newer version, for which it is kept.
    private void SetAside(Segment segment)
    {
        folders.Ignore(segment);
        index.Remove(segment);
        var aside = segment.Path + ".unknown";
        File.Move(segment.Path, aside, overwrite: true);
        logger.SegmentUnknown(segment.Path, aside);
    }
}
